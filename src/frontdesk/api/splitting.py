"""Splits a body into events that are read separately, so that a bad one affects no others."""

import json
from typing import Any, NoReturn

import msgspec

from frontdesk.core.http.errors import ApiError
from frontdesk.core.http.json_body import JSON

MAX_EVENTS = 1_000

NDJSON = ("application/x-ndjson", "application/jsonl", "application/ndjson")

RawEvent = msgspec.Raw | bytes | dict[str, Any] | list[Any] | str | float | bool | None
"""One element of the body. The last five types are never events, and are rejected later."""

_BOM = b"\xef\xbb\xbf"
_WHITE = b" \t\r\n"
_SHAPES = "one event, an array of events, or an object with the array as “events”"


class _Envelope(msgspec.Struct):
    events: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_array = msgspec.json.Decoder(list[msgspec.Raw])
_envelope = msgspec.json.Decoder(_Envelope)


def split(body: bytes, content_type: str, charset: str) -> list[RawEvent]:
    """The 1 to 1,000 events in a body, unparsed.

    Raises ApiError: 415 for another content type, 400 for invalid JSON, 413 for too many events,
    422 for JSON of another shape. In NDJSON each line is an event; a line that is not JSON is
    rejected as a bad event, and blank lines are ignored.
    """
    if charset.lower() not in ("", "utf-8", "utf8"):
        _refuse_type(f"{content_type}; charset={charset}")
    body = body.removeprefix(_BOM)
    if content_type in NDJSON:
        return _checked([line for line in body.split(b"\n") if line.strip(_WHITE)])
    if content_type != JSON:
        _refuse_type(content_type)
    events = _split_json(body)
    if not any(map(_is_object, events)):
        raise _wrong_shape("None of these is a JSON object, as an event must be.")
    return events


def _refuse_type(content_type: str) -> NoReturn:
    message = f"“{content_type[:80]}” is not supported; send {JSON} or {NDJSON[0]}, in UTF-8."
    raise ApiError(415, "unsupported_media_type", message, "Content-Type")


def _split_json(body: bytes) -> list[RawEvent]:
    start = body.lstrip(_WHITE)[:1]
    try:
        if start == b"[":
            return _checked(_array.decode(body))
        if start == b"{":
            inner = _envelope.decode(body).events
            return [body] if inner is msgspec.UNSET else _checked(_array.decode(inner))
    except (msgspec.DecodeError, RecursionError):
        pass  # the slow parser accepts it, or says what is wrong and where
    return _split_slowly(body)


def _split_slowly(body: bytes) -> list[RawEvent]:
    """Use Python's own parser, which reports line and column, and accepts half a surrogate pair.

    Such a half, "\\ud83d", is left of an emoji when a program cuts a text by length.
    """
    try:
        found = json.loads(body.decode(), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        hint = (
            "; to send one event per line, use application/x-ndjson" if _looks_ndjson(error) else ""
        )
        message = f"The body is not JSON: {error.msg} at {where}{hint}."
        raise ApiError(400, "bad_json", message, where) from None
    except UnicodeDecodeError as error:
        where = f"byte {error.start}"
        message = f"The body is not UTF-8: {error.reason} at {where}."
        raise ApiError(400, "bad_json", message, where) from None
    except RecursionError:
        raise ApiError(400, "bad_json", "The body is nested too deeply.") from None
    except ValueError:  # Python parses no integer with more than 4,300 digits
        raise ApiError(400, "bad_json", "The body has a number that is too long.") from None
    if isinstance(found, dict):
        if "events" not in found:
            return [found]
        found = found["events"]
    if not isinstance(found, list):
        raise _wrong_shape(f"Expected {_SHAPES}.")
    return _checked(found)


def _refuse_constant(name: str) -> NoReturn:
    raise ApiError(400, "bad_json", f"The body is not JSON, which has no {name}.")


def _looks_ndjson(error: json.JSONDecodeError) -> bool:
    return error.msg == "Extra data" and error.doc[error.pos : error.pos + 1] in ("{", "[")


def _checked(events: list[Any]) -> list[RawEvent]:
    if not events:
        raise _wrong_shape(f"The body has no event. Expected {_SHAPES}.")
    if len(events) > MAX_EVENTS:
        message = f"{len(events):,} events are more than {MAX_EVENTS:,}; send them in parts."
        raise ApiError(413, "too_many_events", message)
    return events


def _is_object(event: RawEvent) -> bool:
    if isinstance(event, (bytes, msgspec.Raw)):
        return bytes(event).lstrip(_WHITE).startswith(b"{")
    return isinstance(event, dict)


def _wrong_shape(message: str) -> ApiError:
    return ApiError(422, "wrong_shape", message)
