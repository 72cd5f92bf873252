"""JSON by Python's own reader, which is slower than msgspec's but accepts half a surrogate pair.

That is what remains of an emoji when a program cuts a text: "\\ud83d".
"""

import json
from typing import Any, NoReturn

import msgspec


class JsonError(ValueError):
    """A text that is not JSON, or cannot be read. Says what is wrong."""


def loads(raw: bytes | str | msgspec.Raw) -> Any:
    """The value of a JSON text in UTF-8. Raises JsonError."""
    try:
        text = raw if isinstance(raw, str) else bytes(raw).decode()
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise JsonError("not JSON that can be read: nested too deeply") from None
    except ValueError as error:
        raise JsonError(f"not JSON: {error}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"there is no {name} in JSON")
