"""ChatGPT's own export: `conversations.json`, or `conversations-000.json` and so on in its zip."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.channels.telegram.media import bracketed
from frontdesk.imports.chat_content import text_of
from frontdesk.imports.errors import Skipped, shorten
from frontdesk.imports.fallbacks import Fallbacks, fallbacks_of
from frontdesk.imports.files import import_file
from frontdesk.imports.options import Options
from frontdesk.imports.recording import Entry
from frontdesk.imports.records import Record, RecordReader
from frontdesk.imports.report import Report
from frontdesk.imports.roles import role_of
from frontdesk.imports.source import Source
from frontdesk.imports.times import epoch_time, read_time
from frontdesk.ledger.events import Event, EventError, parse

_FILES = re.compile(r"^(?!__MACOSX/)(?:.*/)?conversations(?:-\d+)?\.json$")
_NOT_SHOWN = (
    "user_editable_context",
    "model_editable_context",
    "thoughts",
    "reasoning_recap",
)
"""Contents that ChatGPT does not show as messages: instructions, memories, and thinking."""
_CONTENTS = ("parts", "text", "result")
_CITATION = re.compile("\ue200[^\ue200\ue201]*\ue201")
"""The marks of a link to a source, which has no address here."""


def import_chatgpt(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record the conversations of one account, which is one user. Raises ImportFileError.

    Of a conversation that was edited or answered anew, the branch that is shown is recorded.
    """
    fallbacks, platform = fallbacks_of(path, options), options.platform or "chatgpt"

    def entries(source: Source) -> Iterator[Entry]:
        reader = RecordReader(source, ("conversations",), "ChatGPT's conversations.json")
        for record in reader.records():
            yield from _conversation(record, fallbacks, platform)

    try:
        import_file(agent, path, report, "chatgpt", entries, members=_FILES)
    finally:
        fallbacks.report(report, "conversations")


class _Node(NamedTuple):
    """One message of the branch that is shown; `number` is its place in the branch."""

    id: str
    number: int
    message: dict[str, Any]


def _conversation(record: Record, fallbacks: Fallbacks, platform: str) -> Iterator[Entry]:
    whole = record.value
    mapping = whole.get("mapping") if isinstance(whole, dict) else None
    if not isinstance(mapping, dict):
        hint = " (Claude's export is another format)" if _is_claude(whole) else ""
        yield Entry(record, f"not a conversation of ChatGPT, which has a “mapping”{hint}")
        return
    session = whole.get("conversation_id") or whole.get("id")
    if not isinstance(session, str):
        yield Entry(record, "a conversation without an id")
        return
    nodes, left = _branch(whole, mapping)
    name = f"conversation {shorten(session, 40)} message"
    common: dict[str, Any] = {"platform": platform, "sessionId": session}
    time = _first_time(whole, nodes) if nodes else None
    if nodes:
        common["externalId"] = fallbacks.give_user()
        common["time"] = fallbacks.give_time() if time is None else time
    for node in nodes:
        where = f"{name} {shorten(node.id, 40)}"
        try:
            event = _event(node, common)
            common["time"] = event.time  # of the next one, if it has none
            yield Entry(where, event)
        except Skipped as skipped:
            yield Entry(where, skipped)
        except EventError as error:
            yield Entry(where, error.reason)
    for id_ in left:
        yield Entry(f"{name} {shorten(id_, 40)}", Skipped("in a branch that is not shown"))


def _is_claude(whole: object) -> bool:
    return isinstance(whole, dict) and "chat_messages" in whole


def _first_time(whole: dict[str, Any], nodes: list[_Node]) -> Any:
    times = (whole.get("create_time"), *(node.message.get("create_time") for node in nodes))
    return next((time for time in map(epoch_time, times) if time is not None), None)


def _branch(whole: dict[str, Any], mapping: dict[str, Any]) -> tuple[list[_Node], list[str]]:
    """The messages from the first one to the current one, and the ids of all others."""
    chain: dict[str, None] = {}
    id_ = whole.get("current_node")
    if not isinstance(id_, str) or id_ not in mapping:
        id_ = _newest(mapping)
    while isinstance(id_, str) and id_ in mapping and id_ not in chain:  # it may be a circle
        chain[id_] = None
        node = mapping[id_]
        id_ = node.get("parent") if isinstance(node, dict) else None
    nodes = [
        _Node(id_, number, message)
        for number, id_ in enumerate(reversed(chain))
        if (message := _message(mapping[id_]))
    ]
    return nodes, [id_ for id_, node in mapping.items() if id_ not in chain and _message(node)]


def _newest(mapping: dict[str, Any]) -> str | None:
    """The newest message, for an export that does not say which is the current one."""
    times = {id_: epoch_time(_message(node).get("create_time")) for id_, node in mapping.items()}
    known = {id_: time for id_, time in times.items() if time is not None}
    return max(known, key=known.__getitem__, default=next(reversed(mapping), None))


def _message(node: Any) -> dict[str, Any]:
    message = node.get("message") if isinstance(node, dict) else None
    return message if isinstance(message, dict) else {}


def _event(node: _Node, common: dict[str, Any]) -> Event:
    message = node.message
    author = message.get("author")
    role = role_of(author.get("role")) if isinstance(author, dict) else None
    if role is None:
        raise EventError("it has no role, such as user or assistant")
    metadata = message.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    text = _text(message, metadata, role)
    model = metadata.get("model_slug")
    id_ = message.get("id")
    time = message.get("create_time")
    fields = {
        **common,
        "role": role,
        "messageId": f"{common['sessionId']}:{id_ if isinstance(id_, str) and id_ else node.id}",
        "sequence": node.number,
        "time": common["time"] if time is None else read_time(time, "create_time"),
        "text": text,
        "model": model if role == "agent" and isinstance(model, str) else None,
    }
    return parse(fields)


def _text(message: dict[str, Any], metadata: dict[str, Any], role: str) -> str:
    """The text that ChatGPT shows. Raises Skipped for what it does not show."""
    content = message.get("content")
    content = content if isinstance(content, dict) else {}
    if metadata.get("is_visually_hidden_from_conversation") is True:
        raise Skipped("hidden in ChatGPT")
    if content.get("content_type") in _NOT_SHOWN or metadata.get("is_user_system_message") is True:
        raise Skipped("not a message: instructions, memories or thinking")
    if role == "agent" and message.get("recipient") not in (None, "all"):
        raise Skipped("a call of a tool")
    parts = next((content[name] for name in _CONTENTS if content.get(name)), None)
    attachments = metadata.get("attachments")
    names = [
        bracketed("file", one["name"])
        for one in (attachments if isinstance(attachments, list) else [])
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    ]
    text = _CITATION.sub("", text_of({"content": parts}))
    shown = "\n".join(part for part in [text, *names] if part)
    if not shown.strip():
        raise Skipped("an empty message")
    return shown
