"""Times as other programs write them."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

from frontdesk.imports.errors import shorten
from frontdesk.ledger.events import EventError

_FIRST_MILLISECOND = 10**11
"""As seconds this is the year 5138, as milliseconds 1973."""
_LAST_MILLISECOND = 10**14

_MAX_DIGITS = 40

_ZONE_APART = re.compile(r"\s+(?:UTC|GMT|Z)$|\s+(?=[+-]\d\d:?\d\d$)", re.IGNORECASE)
"""What stands before a zone, or is one, as in “2026-10-14 12:05:00 UTC” and “… +0200”."""


def epoch_time(value: object) -> dt.datetime | None:
    """Seconds or milliseconds since 1970, as a number or its digits; None if it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and len(value) > _MAX_DIGITS:
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) else str(value))
        if not number.is_finite() or abs(number) >= _LAST_MILLISECOND:
            return None
        milliseconds = number if abs(number) >= _FIRST_MILLISECOND else number * 1_000
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
            microseconds=int(milliseconds * 1_000)
        )
    except (InvalidOperation, ValueError, OverflowError):
        return None


def read_time(value: object, name: str, zone: dt.tzinfo = dt.UTC) -> dt.datetime:
    """A time since 1970 or in ISO 8601; without a zone it is of `zone`. Raises EventError."""
    since_1970 = epoch_time(value)
    if since_1970 is not None:
        return since_1970
    text = value.strip() if isinstance(value, str) else ""
    try:
        time = dt.datetime.fromisoformat(_with_zone(text))
        return time.replace(tzinfo=time.tzinfo or zone).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        shown = shorten(str(value)) if isinstance(value, str | int | float) else "the value"
        raise EventError(f"{name}: {shown} is not a time, such as 2026-10-14T12:05:00Z") from None


def _with_zone(text: str) -> str:
    """A time's zone as ISO 8601 writes it: +00:00, without a space before it."""
    if len(text) > _MAX_DIGITS or not (found := _ZONE_APART.search(text)):
        return text
    return text[: found.start()] + (text[found.end() :] or "+00:00")
