"""The windows of limits: the minute of the clock, the agent's day and month."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from frontdesk.agents.limits import Window

Bounds = tuple[dt.datetime, dt.datetime]
"""The start of a window, and the start of the next."""


@dataclass(frozen=True)
class Windows:
    """The windows that contain a moment."""

    minute: Bounds
    day: Bounds
    month: Bounds
    today: dt.date
    first: dt.date
    """The month's first day."""
    last: dt.date
    """The month's last day."""

    @classmethod
    def of(cls, at: dt.datetime, zone: zoneinfo.ZoneInfo) -> "Windows":
        minute = at.astimezone(dt.UTC).replace(second=0, microsecond=0)
        today = at.astimezone(zone).date()
        first = today.replace(day=1)
        next_month = (first + dt.timedelta(days=32)).replace(day=1)
        return cls(
            (minute, minute + dt.timedelta(minutes=1)),
            (_start(today, zone), _start(today + dt.timedelta(days=1), zone)),
            (_start(first, zone), _start(next_month, zone)),
            today,
            first,
            next_month - dt.timedelta(days=1),
        )

    def bounds(self, window: Window) -> Bounds | None:
        """The start and end (exclusive) of a window; None for limits on single messages."""
        return {"minute": self.minute, "day": self.day, "month": self.month}.get(window)


def _start(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The exact time at which a day begins, even if clocks change at midnight.

    A midnight that the zone skips is interpreted with the offset before the gap, so it is the end
    of the gap.
    """
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
