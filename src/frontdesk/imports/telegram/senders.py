"""The sender of a message, in the formats of all versions of Telegram Desktop."""

import re
from decimal import Decimal
from typing import Any

from frontdesk.imports.people import NAME_LENGTH, Person, named

_PERSON = re.compile(r"(?:user|bot)?0*([1-9][0-9]{0,19})")
_GROUP = re.compile(r"(?:channel|chat|group)-?[0-9]+|-[0-9]+")


def sender_of(message: dict[str, Any]) -> Person | None:
    """The person who sent a message; None for no sender, a group or a channel."""
    name = name_of(message.get("from"))
    reference = _reference(message.get("from_id"))
    known = _PERSON.fullmatch(reference)
    if known:
        return Person(known[1], name)
    if _GROUP.fullmatch(reference) or not name:
        return None
    return named(name)


def name_of(value: object) -> str:
    """A name as it is in the file; empty if there is none, as for a deleted account."""
    return value.strip()[:NAME_LENGTH] if isinstance(value, str) else ""


def _reference(value: object) -> str:
    """`user123`, `channel123` or a number, as text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 10**20:
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
