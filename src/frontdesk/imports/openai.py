"""Conversations as OpenAI's chat API takes them: JSON lines with `messages`."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.core.json_text import JsonError, loads
from frontdesk.imports.chat_content import text_of
from frontdesk.imports.fallbacks import Fallbacks, fallbacks_of
from frontdesk.imports.lines import Line, import_lines
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.roles import role_of
from frontdesk.imports.times import read_time
from frontdesk.ledger.events import Event, EventError, parse

MAX_LINE = 16 * 1024 * 1024
"""In bytes: a whole conversation."""
MAX_MESSAGES = 10_000

_TIMES = ("time", "timestamp", "created_at", "created")
_SESSIONS = ("session", "session_id", "conversation_id", "thread_id")
_PROFILE = ("name", "username", "email", "language", "plan", "tags", "attributes")
_USAGE = {"prompt_tokens": "inputTokens", "completion_tokens": "outputTokens"}


def import_openai(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record the conversations of a file, one a line, in constant memory. Raises ImportFileError.

    A conversation without a session is one of its own, known by its contents.
    """
    fallbacks, platform = fallbacks_of(path, options), options.platform or "api"
    try:
        import_lines(
            agent,
            path,
            report,
            "openai",
            lambda line: _events(line, fallbacks, platform),
            MAX_LINE,
            repeats=True,
        )
    finally:
        fallbacks.report(report, "conversations")


def _events(line: Line, fallbacks: Fallbacks, platform: str) -> Iterator[Event | str]:
    try:
        whole = _conversation(line.raw)
        common = _common(whole, line.raw, fallbacks, platform)
    except EventError as error:
        yield error.reason
        return
    last = max(
        (n for n, message in enumerate(whole["messages"]) if _role(message) == "agent"), default=-1
    )
    for number, message in enumerate(whole["messages"]):
        try:
            usage = _usage(whole) if number == last else {}
            yield _event(message, number, {**common, **usage}, whole)
        except EventError as error:
            yield f"message {number + 1}: {error.reason}"


def _conversation(raw: bytes) -> dict[str, Any]:
    try:
        whole = loads(raw)
    except JsonError as error:
        raise EventError(str(error)) from None
    if not isinstance(whole, dict) or not isinstance(whole.get("messages"), list):
        raise EventError('a line is a conversation with a list of messages: {"messages": [...]}')
    if not whole["messages"]:
        raise EventError("messages is empty")
    if len(whole["messages"]) > MAX_MESSAGES:
        raise EventError(f"more than {MAX_MESSAGES:,} messages in one conversation")
    return whole


def _common(
    whole: dict[str, Any], raw: bytes, fallbacks: Fallbacks, platform: str
) -> dict[str, Any]:
    """What all messages of a conversation share."""
    user = whole.get("user")
    profile = user if isinstance(user, dict) else {}
    id_ = profile.get("id") if profile else user
    session = next((whole[name] for name in _SESSIONS if whole.get(name)), None)
    return {
        "platform": whole.get("platform") or platform,
        "externalId": str(id_) if id_ not in (None, "") else fallbacks.give_user(),
        "sessionId": str(session) if session else hashlib.sha256(raw.strip()).hexdigest()[:32],
        "time": _time(whole) or fallbacks.give_time(),
        **{name: profile[name] for name in _PROFILE if name in profile},
    }


def _event(message: Any, number: int, common: dict[str, Any], whole: dict[str, Any]) -> Event:
    role = _role(message)
    if role is None:
        raise EventError("it has no role, such as user or assistant")
    fields = {**common, "role": role, "sequence": number, "text": text_of(message)}
    fields["time"] = _time(message) or common["time"]
    if role == "agent" and isinstance(model := message.get("model", whole.get("model")), str):
        fields["model"] = model
    return parse(fields)


def _role(message: Any) -> str | None:
    return role_of(message.get("role")) if isinstance(message, dict) else None


def _time(holder: dict[str, Any]) -> dt.datetime | None:
    """Raises EventError for a time that cannot be read."""
    for name in _TIMES:
        if holder.get(name) is not None:
            return read_time(holder[name], name)
    return None


def _usage(whole: dict[str, Any]) -> dict[str, Any]:
    """The tokens of the last answer; earlier answers were counted with their own requests."""
    usage = whole.get("usage")
    if not isinstance(usage, dict):
        return {}
    return {ours: usage[theirs] for theirs, ours in _USAGE.items() if theirs in usage}
