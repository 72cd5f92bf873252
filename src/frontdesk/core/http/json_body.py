"""Reads a JSON object from a request's body: strict, bounded, with precise errors."""

import difflib
import re
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest

from frontdesk.core.http.body import read_body
from frontdesk.core.http.errors import ApiError, invalid_field
from frontdesk.core.json_text import JsonError, loads
from frontdesk.core.text import storable

T = TypeVar("T", bound=msgspec.Struct)

JSON = "application/json"

MAX_OBJECT = 1024 * 1024
"""Bytes. The longest field of these objects is a message's text."""


def read_json(request: HttpRequest, shape: type[T]) -> T:
    """The body as a `shape`. Half an emoji, which some clients send, becomes U+FFFD.

    Raises ApiError: 415 for another content type, 413 if it is too large, 400 for invalid JSON, 422
    for another shape (`invalid_field`, named by `where`, with a hint for an unknown field).
    """
    if request.content_type != JSON:
        message = f"“{(request.content_type or '')[:80]}” is not supported; send {JSON}."
        raise ApiError(415, "unsupported_media_type", message, "Content-Type")
    body = read_body(request, MAX_OBJECT)
    try:
        return _decode(body, shape)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), shape) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(400, "bad_json", f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise ApiError(400, "bad_json", "The body is nested too deeply.") from None


def _decode(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"\\u" not in body:
            raise
        with suppress(JsonError):  # half a surrogate pair is no error there
            return msgspec.convert(_repaired(loads(body)), shape)
        raise


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_repaired(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): _repaired(each) for key, each in value.items()}
    return value


def _invalid(problem: str, shape: type[msgspec.Struct]) -> ApiError:
    """Turn msgspec's messages ("Expected … - at `$.field`") into ours."""
    message, _, path = problem.partition(" - at `$")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL):
        name = unknown[1]
        known = [field.encode_name for field in msgspec.structs.fields(shape)]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(known)}."
        return invalid_field(name[:60], f"there is no such field; {hint}")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", message):
        return invalid_field(missing[1], "this is required.")
    where = path.rstrip("`").lstrip(".")
    if not where:
        return ApiError(422, "wrong_shape", "Expected a JSON object.")
    return invalid_field(where, f"{message[0].lower()}{message[1:]}.")
