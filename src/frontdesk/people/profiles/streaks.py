"""Streaks: runs of consecutive days on which a user sent a message."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

WINDOW = 30
"""The number of days, including today, over which the share of active days is measured."""


class Streaks(NamedTuple):
    """Lengths in days. `share` is the share of the last `WINDOW` days that were active, 0 to 1."""

    current: int
    longest: int
    share: float


def streaks(days: Sequence[dt.date], today: dt.date) -> Streaks:
    """The streaks in `days`, the active days in order and without repeats.

    A streak that ended yesterday still counts as current: today is not over.
    """
    longest = run = 0
    before: dt.date | None = None
    for day in days:
        run = run + 1 if before and (day - before).days == 1 else 1
        longest = max(longest, run)
        before = day
    is_current = before is not None and (today - before).days <= 1
    first = today - dt.timedelta(days=WINDOW - 1)
    active = sum(first <= day <= today for day in days)
    return Streaks(run if is_current else 0, longest, active / WINDOW)
