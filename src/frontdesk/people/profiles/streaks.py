"""Days in a row: what the days on which a user sent a message say about him."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

WINDOW = 30
"""Days of the share of active days, today included."""


class Streaks(NamedTuple):
    """Lengths in days; `share` is the part of the last `WINDOW` days that were active, 0 to 1."""

    current: int
    longest: int
    share: float


def streaks(days: Sequence[dt.date], today: dt.date) -> Streaks:
    """The streaks of active days, given in order and each once.

    A streak that ended yesterday still goes on: today is not over.
    """
    longest = run = 0
    before: dt.date | None = None
    for day in days:
        run = run + 1 if before and (day - before).days == 1 else 1
        longest = max(longest, run)
        before = day
    goes_on = before is not None and (today - before).days <= 1
    first = today - dt.timedelta(days=WINDOW - 1)
    active = sum(first <= day <= today for day in days)
    return Streaks(run if goes_on else 0, longest, active / WINDOW)
