"""What the operator says beside the file."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Options:
    """What is not said is guessed or invented, always the same way, and reported.

    bot: who the agent is. zone: of times without one, by default the agent's. user, time: of what
    has none. platform: where the users are. date_order: of dates such as 01/02/24: dmy, mdy or ymd.
    replace: take back what was imported with another agent. columns: what a table's columns mean,
    each as ours=theirs.
    """

    bot: str | None = None
    zone: ZoneInfo | None = None
    user: str = "unknown"
    time: dt.datetime | None = None
    platform: str | None = None
    date_order: str | None = None
    replace: bool = False
    columns: tuple[str, ...] = ()
