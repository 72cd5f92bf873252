"""Weeks from Monday to Sunday, and how long before a week its users were last active."""

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
MAX_WEEKS_BACK = 4
"""The longest gap, in weeks, that `WeekGaps` has."""


def week(monday: dt.date) -> Period:
    """The seven days that start on this Monday."""
    return Period(monday, monday + WEEK - dt.timedelta(days=1))


def weeks_of(period: Period) -> list[dt.date]:
    """The Mondays of the weeks that overlap the period."""
    first, last = week_of(period.first), week_of(period.last)
    return [first + n * WEEK for n in range((last - first).days // 7 + 1)]


@dataclass
class WeekGaps:
    """The users of each week, counted once, exact from ReturnGap.

    Each user of a week is in one row of ReturnGap whose previous day is not in that week: the row
    of their first active day of the week. It leads back to the week in which they were last active.
    """

    active: dict[dt.date, int] = field(default_factory=dict)
    """By Monday."""
    new: dict[dt.date, int] = field(default_factory=dict)
    back: dict[tuple[dt.date, int], int] = field(default_factory=dict)
    """By Monday and 1 … `MAX_WEEKS_BACK`: users of the week who were last active that many weeks
    before."""

    @classmethod
    def load(cls, scope: Scope, mondays: Sequence[dt.date]) -> "WeekGaps":
        """The users of these weeks. Weeks that are not loaded have no users."""
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
            back = [monday - n * WEEK for n in range(1, MAX_WEEKS_BACK + 1)]
            keys.append((agent_id, platform, day, monday, *back))
        kinds = {"agent_id": "uuid", "platform": "text", "day": "date", "monday": "date"}
        kinds |= {f"back_{n}": "date" for n in range(1, MAX_WEEKS_BACK + 1)}
        for monday, ago, users in bulk.select(_BACK, kinds, keys, ["date", "int", "int"]):
            if ago:
                gaps.back[monday, ago] = users
            else:  # active earlier in the same week: already counted
                active[monday] -= users
        gaps.active, gaps.new = dict(active), dict(new)
        return gaps


# Materialized: otherwise SQLite would parse the JSON of the given rows again for each gap.
_BACK = (
    "WITH r AS MATERIALIZED (SELECT * FROM {given})"
    " SELECT r.monday, CASE WHEN g.previous_day >= r.monday THEN 0"
    " WHEN g.previous_day >= r.back_1 THEN 1 WHEN g.previous_day >= r.back_2 THEN 2"
    " WHEN g.previous_day >= r.back_3 THEN 3 ELSE 4 END, CAST(sum(g.users) AS bigint)"
    " FROM r CROSS JOIN ledger_returngap g"
    " WHERE g.agent_id = r.agent_id AND g.platform = r.platform AND g.day = r.day"
    " AND g.previous_day >= r.back_4 GROUP BY 1, 2"
)
