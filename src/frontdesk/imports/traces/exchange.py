"""What a user asked and the agent answered, in the input and the output of a trace.

Both can be any JSON: a text, messages of any library, or an object with one of them in it. The
input often has the whole history: only its last message of the user is new.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from frontdesk.core.json_text import JsonError, loads
from frontdesk.imports.chat_content import text_of
from frontdesk.imports.roles import role_of
from frontdesk.ledger.events import Role

MAX_DEPTH = 6
"""How deep a text may be inside of objects and lists."""
MAX_JSON = 16 * 1024 * 1024
"""Characters of a text that may be JSON."""

_ASKED = "messages question query input inputs prompt user_input user_message human_input".split()
_ASKED += "message text content kwargs args request data".split()
_ANSWERED = "messages output outputs answer response result message choices generations".split()
_ANSWERED += "candidates completion content text return_values final_output reply data".split()


class Question(NamedTuple):
    """`was_asked`: the result of a tool follows, so that an earlier trace may have the question."""

    text: str
    was_asked: bool = False


class _Message(NamedTuple):
    role: Role
    text: str


def question_of(value: Any) -> Question | None:
    """The last message of the user in a trace's input; None if there is none."""
    found = _find(value, _ASKED, _last_question, -1, MAX_DEPTH)
    return found if found and found.text else None


def answer_of(value: Any) -> str:
    """The last message of the agent in a trace's output; empty if there is none."""
    found = _find(value, _ANSWERED, _last_answer, 0, MAX_DEPTH)
    return found.text if found else ""


_Choose = Callable[[Sequence[_Message]], Question]
_NONE = Question("")
"""There are messages, but not the one that is looked for."""


def _last_question(messages: Sequence[_Message]) -> Question:
    after: list[Role] = []
    for message in reversed(messages):
        if message.role == "user":
            return Question(message.text, "tool" in after)
        after.append(message.role)
    return _NONE


def _last_answer(messages: Sequence[_Message]) -> Question:
    for message in reversed(messages):
        if message.role == "user":
            break
        if message.role == "agent" and message.text:
            return Question(message.text)
    return _NONE


def _find(
    value: Any, names: Sequence[str], choose: _Choose, one: int, depth: int
) -> Question | None:
    """The text in a value: chosen from messages, or found under the first of `names`.

    Of a list of other things, the one with the index `one` is meant.
    """
    if value is None or value in ("", [], {}) or depth < 0:
        return None
    if isinstance(value, str):
        inner = _parsed(value)
        known = _is_known(inner, names)
        return _find(inner, names, choose, one, depth - 1) if known else Question(value)
    if messages := _messages(value):
        return choose(messages)
    if isinstance(value, dict):
        fitting = None
        for name in names:
            found = _find(value.get(name), names, choose, one, depth - 1)
            if found and found.text:
                return found
            fitting = fitting or found
        return fitting or Question(_as_json(value))
    if isinstance(value, list):
        if all(isinstance(part, dict) and "type" in part for part in value):
            return Question(text_of({"content": value}))
        return _find(value[one], names, choose, one, depth - 1)
    return Question(_as_json(value))


def _is_known(value: Any, names: Sequence[str]) -> bool:
    """Whether JSON in a text is more than the text of someone who wrote JSON."""
    if isinstance(value, dict):
        return bool(_messages(value)) or any(value.get(name) for name in names)
    return isinstance(value, list) and bool(_messages(value))


def _parsed(text: str) -> Any:
    """The value of a text that is a JSON object or array; None for other texts."""
    if text.lstrip()[:1] not in ("{", "[") or len(text) > MAX_JSON:
        return None
    try:
        return loads(text)
    except JsonError:
        return None


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=float)
    except (RecursionError, ValueError, OverflowError):
        return ""


def _messages(value: Any) -> list[_Message]:
    """The messages that a value is, in their order; empty if it is something else."""
    if isinstance(value, dict):
        message = _message(value)
        return [message] if message else []
    if not isinstance(value, list):
        return []
    if value and all(isinstance(item, list) for item in value):
        pairs = [_pair(item) for item in value]
        if all(pairs):
            return [pair for pair in pairs if pair]
        return _messages(value[-1]) if not _is_nested(value[-1]) else []  # a batch of one
    found = [_message(item) for item in value if isinstance(item, dict)]
    return [message for message in found if message]


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _pair(item: Any) -> _Message | None:
    """A message as LangChain's short form has it: ["human", "Hello"]."""
    role = role_of(item[0]) if len(item) == 2 else None
    return _Message(role, text_of({"content": item[1]})) if role else None


def _message(item: dict[str, Any]) -> _Message | None:
    """A message of OpenAI, Anthropic or Gemini, or one of LangChain's three forms."""
    body, name = item, item.get("role", item.get("type"))
    if isinstance(item.get("kwargs"), dict) and isinstance(item.get("id"), list) and item["id"]:
        body, name = item["kwargs"], _class_role(item["id"][-1])
    elif isinstance(item.get("data"), dict) and "role" not in item:
        body = item["data"]
    role = role_of(name) or role_of(body.get("role"))
    return (
        _Message(role, text_of(body)) if role and ("content" in body or "parts" in body) else None
    )


def _class_role(name: object) -> str:
    """The role in a class's name: human in HumanMessage."""
    return name.removesuffix("Chunk").removesuffix("Message") if isinstance(name, str) else ""
