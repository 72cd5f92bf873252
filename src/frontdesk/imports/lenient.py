"""Reads a line's event as newcomers write it, and says everything that is wrong with it.

The API is strict, so that a program's mistake is found while it is written. A file is what it is:
a role, an id or a time that can mean only one thing is understood.
"""

import copy
import datetime as dt
import difflib
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from django.utils import timezone

from frontdesk.core.json_text import JsonError, loads
from frontdesk.imports.errors import shorten
from frontdesk.imports.roles import role_of
from frontdesk.imports.times import epoch_time
from frontdesk.ledger.events import EARLIEST, Event, EventError, check, parse

FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Event)}
"""What is known of each field of an event, by its name in JSON."""
_SNAKE = {field.name: field.encode_name for field in FIELDS.values()}
_FOLDED = {name.lower(): name for name in FIELDS}
_IDS = ("externalId", "messageId", "sessionId", "chat")
_TIMES = ("time", "editedAt")

MAX_FIELDS = 100

_HINTS = {
    **dict.fromkeys(("content", "body", "message", "msg"), "text"),
    **dict.fromkeys(("userid", "user", "uid", "customerid"), "externalId"),
    **dict.fromkeys(("timestamp", "ts", "date", "datetime", "createdat", "sentat"), "time"),
    **dict.fromkeys(("id", "msgid", "uuid"), "messageId"),
    **dict.fromkeys(("sender", "author", "from", "type"), "role"),
    **dict.fromkeys(("conversationid", "threadid", "session", "conversation"), "sessionId"),
    **dict.fromkeys(("channel", "source"), "platform"),
    **dict.fromkeys(("lang", "locale"), "language"),
    **dict.fromkeys(("metadata", "meta", "properties", "extra"), "attributes"),
    **dict.fromkeys(("prompttokens", "tokensin"), "inputTokens"),
    **dict.fromkeys(("completiontokens", "tokensout"), "outputTokens"),
}
"""What other programs call our fields, without case and separators."""

_MEANINGS = {
    "platform": "where the user is, such as web or telegram",
    "externalId": "your id of the user",
    "role": "user, agent, tool or system",
    "time": "when it was sent, such as 2026-10-14T12:05:00Z",
}
"""The fields that every event needs."""


def read_event(raw: bytes) -> Event:
    """The event of a line. Raises EventError with all faults of the line, in plain words."""
    now = timezone.now()
    try:
        return _checked(parse(raw), now)
    except EventError:
        return _understood(_mapping(raw), now)


def read_fields(fields: dict[str, Any]) -> Event:
    """The event with these fields. Raises EventError with all faults, in plain words."""
    now = timezone.now()
    try:
        return _checked(parse(fields), now)
    except EventError:
        return _understood(fields, now)


def field_of(name: str) -> str:
    """The field that a name means beyond doubt, whatever its case and separators, or ""."""
    folded = fold(name)
    return _FOLDED.get(folded) or _HINTS.get(folded) or ""


def fold(name: str) -> str:
    """A field's name without case and separators."""
    return re.sub(r"[\W_]", "", name).lower()


def _checked(event: Event, now: dt.datetime) -> Event:
    check(copy.copy(event), now)  # a copy, because record() cleans the event once more
    return event


def _understood(mapping: dict[str, Any], now: dt.datetime) -> Event:
    if len(mapping) > MAX_FIELDS:
        raise EventError(f"more than {MAX_FIELDS} fields: further data belongs into attributes")
    event = {_SNAKE.get(name, name): value for name, value in mapping.items()}
    for name in event.keys() & FIELDS.keys():
        event[name] = _meant(name, event[name])
    faults = list(dict.fromkeys(_faults(event, now)))
    if faults:
        raise EventError("; ".join(faults))
    return _checked(parse(event), now)


def _mapping(raw: bytes) -> dict[str, Any]:
    try:
        value = loads(raw.decode())
    except UnicodeDecodeError:
        raise EventError("not text in UTF-8") from None
    except JsonError as error:
        raise EventError(str(error)) from None
    if not isinstance(value, dict):
        raise EventError("a line is one JSON object, such as {…}")
    return value


def _meant(name: str, value: object) -> object:
    """The value, where it can mean only one thing, as the API expects it."""
    if name == "role":
        return role_of(value) or value
    if name == "text" and value is None:
        return ""
    if name in _IDS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if name in _TIMES and value is not None:
        return epoch_time(value) or value
    return value


def _faults(event: dict[str, Any], now: dt.datetime) -> Iterator[str]:
    for name in event:
        if name not in FIELDS:
            yield _unknown(name)
    meant = {_hint(name) for name in event}
    for name, meaning in _MEANINGS.items():
        if name not in event and name not in meant:
            yield f"{name} is missing: {meaning}"
    known = {name: value for name, value in event.items() if name in FIELDS}
    for name, value in known.items():
        yield from _value_faults(name, value, now)
    if not (known.get("messageId") or "messageId" in meant) and not (
        known.get("sessionId") and "sequence" in known
    ):
        yield (
            "messageId is missing: any id of the message that stays the same when you import again"
            " (or sessionId with sequence)"
        )


def _unknown(name: str) -> str:
    shown = shorten(name)
    if name.lower() == "messages":
        return (
            "messages: this line is a whole conversation, but here each message has a line of its"
            " own, with its text in text"
        )
    hint = _hint(name)
    return f"there is no field {shown}" + (f": it is called {hint}" if hint else "")


def _hint(name: str) -> str:
    close = difflib.get_close_matches(name[:60], FIELDS, n=1, cutoff=0.75)
    return field_of(name) or (close[0] if close else "")


def _value_faults(name: str, value: object, now: dt.datetime) -> Iterator[str]:
    """What is wrong with one field, seen alone."""
    alone: dict[str, Any] = {
        "platform": "x",
        "externalId": "x",
        "messageId": "x",
        "role": "user",
        "time": EARLIEST if name == "editedAt" else now,
        "inputTokens": 10**10,
        name: value,
    }
    if name == "messageId" and value is None:
        return
    try:
        check(parse(alone), now)
    except EventError as error:
        yield _plain(name, value, error.reason)


def _plain(name: str, value: object, reason: str) -> str:
    shown = shorten(str(value)) if isinstance(value, str | int | float) else "the value"
    if name == "role":
        return (
            f"role: {shown} is none; use user or agent (human, assistant, ai and bot are"
            " understood), tool or system"
        )
    if name == "platform" and "regex" in reason:
        return f"platform: {shown} is none; use small letters, digits, - and _, such as web"
    if (name in _TIMES and "xpected" in reason) or "nvalid RFC3339" in reason:
        return f"{name}: {shown} is not a time with a zone, such as 2026-10-14T12:05:00Z"
    return _without_types(name, reason)


_TYPES = {"str": "text", "int": "a whole number", "bool": "true or false", "null": "empty"}
_TYPES |= {"array": "a list", "object": "an object {…}", "float": "a number with a fraction"}


def _without_types(name: str, reason: str) -> str:
    """msgspec's words for values of the wrong type or length, in plain words."""
    if size := re.search(r"of length (<=|>=) (\d+)", reason):
        return f"{name} is empty" if size[1] == ">=" else f"{name} is too long: at most {size[2]}"
    if bound := re.search(r"Expected `int` (<=|>=) (\d+)", reason, re.IGNORECASE):
        return f"{name} must be {bound[2]} or {'more' if bound[1] == '>=' else 'less'}"
    if types := re.search(r"xpected `([^`]+)`, got `([^`]+)`", reason):
        wanted = " or ".join(
            _TYPES.get(t.strip(), t.strip()) for t in types[1].split("|") if t.strip() != "null"
        )
        return f"{name} must be {wanted}, not {_TYPES.get(types[2], types[2])}"
    return reason
