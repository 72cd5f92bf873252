"""Weeks from Monday, and how many weeks before a week its users were active last."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.core.sql import bulk
from frontdesk.ledger.models import AgentDay
from frontdesk.ledger.rollups import week_of

WEEK = dt.timedelta(days=7)
KNOWN = 4
"""Weeks back that `WeekGaps` tells apart."""


def week(monday: dt.date) -> Period:
    """All seven days from this Monday on."""
    return Period(monday, monday + WEEK - dt.timedelta(days=1))


def weeks_of(period: Period) -> list[dt.date]:
    """The Mondays of the weeks that the period touches."""
    first, last = week_of(period.first), week_of(period.last)
    return [first + n * WEEK for n in range((last - first).days // 7 + 1)]


@dataclass
class WeekGaps:
    """The users of weeks, each week's counted once, exact from ReturnGap.

    A user's first active day of a week leads back to the week in which he was active before: each
    user of a week is in one row of ReturnGap whose previous day is not of that week.
    """

    active: dict[dt.date, int] = field(default_factory=dict)
    """By Monday."""
    new: dict[dt.date, int] = field(default_factory=dict)
    back: dict[tuple[dt.date, int], int] = field(default_factory=dict)
    """By Monday and 1 … `KNOWN`: users of the week who were active that many weeks before, and in
    none between."""

    @classmethod
    def load(cls, scope: Scope, mondays: Sequence[dt.date]) -> "WeekGaps":
        """The users of these weeks; nobody is active in those not loaded."""
        gaps, active, new = cls(), defaultdict[dt.date, int](int), defaultdict[dt.date, int](int)
        days = AgentDay.objects.filter(
            scope.rows, active_users__gt=0, day__range=(mondays[0], week(mondays[-1]).last)
        )
        keys = []
        for agent_id, platform, day, users, new_users in days.values_list(
            "agent_id", "platform", "day", "active_users", "new_users"
        ):
            monday = week_of(day)
            active[monday] += users
            new[monday] += new_users
            back = [monday - n * WEEK for n in range(1, KNOWN + 1)]
            keys.append((agent_id, platform, day, monday, *back))
        kinds = {"agent_id": "uuid", "platform": "text", "day": "date", "monday": "date"}
        kinds |= {f"back_{n}": "date" for n in range(1, KNOWN + 1)}
        for monday, ago, users in bulk.select(_BACK, kinds, keys, ["date", "int", "int"]):
            if ago:
                gaps.back[monday, ago] = users
            else:  # active on another day of the same week: counted already
                active[monday] -= users
        gaps.active, gaps.new = dict(active), dict(new)
        return gaps


# Given rows are materialized, or SQLite would read their JSON anew for each gap.
_BACK = (
    "WITH r AS MATERIALIZED (SELECT * FROM {given})"
    " SELECT r.monday, CASE WHEN g.previous_day >= r.monday THEN 0"
    " WHEN g.previous_day >= r.back_1 THEN 1 WHEN g.previous_day >= r.back_2 THEN 2"
    " WHEN g.previous_day >= r.back_3 THEN 3 ELSE 4 END, CAST(sum(g.users) AS bigint)"
    " FROM r CROSS JOIN ledger_returngap g"
    " WHERE g.agent_id = r.agent_id AND g.platform = r.platform AND g.day = r.day"
    " AND g.previous_day >= r.back_4 GROUP BY 1, 2"
)
