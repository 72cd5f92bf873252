"""Times of messages, in exports of all versions."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from frontdesk.ledger.events import EventError

_LAST_SECOND = 10**11


class Clock:
    """Reads times. `local_times` counts the messages whose time has no zone of its own."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.local_times = 0

    def sent_at(self, message: dict[str, Any]) -> dt.datetime:
        """`date_unixtime` or, in exports before 2021, `date`. Raises EventError."""
        time = self._time(message, "date")
        if time is None:
            raise EventError("no readable date")
        return time

    def edited_at(self, message: dict[str, Any], sent_at: dt.datetime) -> dt.datetime | None:
        """`edited`, unless it is no later than `sent_at`: old exports say 1970 for "never"."""
        time = self._time(message, "edited")
        return time if time and time > sent_at else None

    def _time(self, message: dict[str, Any], field: str) -> dt.datetime | None:
        unix = _unix_time(message.get(f"{field}_unixtime"))
        if unix is not None:
            return unix
        text = message.get(field)
        if not isinstance(text, str):
            return None
        try:
            time = dt.datetime.fromisoformat(text.strip())
            if time.tzinfo is None:
                time = time.replace(tzinfo=self._zone)
                self.local_times += field == "date"
            return time.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            return None


def _unix_time(value: object) -> dt.datetime | None:
    """Seconds since 1970, as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        seconds = Decimal(value)
        if abs(seconds) > _LAST_SECOND:  # making an int of 1e999999999 would take forever
            return None
        return dt.datetime.fromtimestamp(int(seconds), dt.UTC)
    except (ValueError, ArithmeticError, OSError):
        return None
