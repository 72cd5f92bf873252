"""Options as JSON, for imports that run later."""

import datetime as dt
from dataclasses import fields
from typing import Any, get_args
from zoneinfo import ZoneInfo

from frontdesk.imports.options import Options

KINDS: dict[str, Any] = {
    field.name: next(kind for kind in (*get_args(field.type), field.type) if kind is not type(None))
    for field in fields(Options)
}
"""By option: the type of its values."""


def stored(values: dict[str, Any]) -> dict[str, Any]:
    """The values that are said, as JSON."""
    return {name: _stored(value) for name, value in values.items() if value}


def _stored(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value if isinstance(value, bool | list) else str(value)


def restored(options: dict[str, Any]) -> Options:
    """The reverse. Options that this version does not know are left out."""
    known = {name: value for name, value in options.items() if name in KINDS}
    return Options(**{name: _restored(KINDS[name], value) for name, value in known.items()})


def _restored(kind: Any, value: Any) -> Any:
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if kind is ZoneInfo:
        return ZoneInfo(value)
    return tuple(value) if isinstance(value, list) else value
