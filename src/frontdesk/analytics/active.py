"""The number of distinct users who were active on any days: exact, from ReturnGap.

A user who was active on day d, and before that last on day p, is in the row (d, p). So the first
active day of a user in [a, b] is the one whose p is before a: counting those days counts each user
once. The same number: the users of each day, minus those whose p is also in [a, b].
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from frontdesk.analytics.buckets import users_by, users_in
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.core.sql import bulk
from frontdesk.ledger.models import AgentDay

WEEK, MONTH = 7, 30
"""The lengths in days of the ranges of `Rolling`."""

_DAY = dt.timedelta(days=1)


def distinct(scope: Scope, period: Period) -> int:
    """Users who sent a message in the period. Each counts once on each agent and platform."""
    return users_in(scope, [period])[0]


def distinct_by_platform(scope: Scope, period: Period) -> dict[str, int]:
    """Users who sent a message in the period, by platform. Platforms without any are left out."""
    return {platform: users for platform, [users] in users_by("platform", scope, [period]).items()}


@dataclass
class Rolling:
    """The users of the day, the week and the month that end with each day."""

    users: dict[int, dict[dt.date, int]] = field(default_factory=dict)
    """By length in days."""

    @classmethod
    def load(cls, scope: Scope, period: Period) -> "Rolling":
        """The ranges that end in the period."""
        return scope.once(cls, period, _read)

    def on(self, day: dt.date, width: int) -> int:
        """Users of the `width` days that end with this one: 1, `WEEK` or `MONTH` days."""
        return self.users[width].get(day, 0)


def _read(scope: Scope, period: Period) -> Rolling:
    known = Period(period.first - (MONTH - 1) * _DAY, period.last)
    days = AgentDay.objects.filter(scope.rows, day__range=known, active_users__gt=0)
    keys, by_day = [], defaultdict[dt.date, int](int)
    for agent_id, platform, day, users in days.values_list(
        "agent_id", "platform", "day", "active_users"
    ):
        by_day[day] += users
        keys.append((agent_id, platform, day, day - WEEK * _DAY, day - MONTH * _DAY))
    changes = {width: defaultdict[dt.date, int](int) for width in (WEEK, MONTH)}
    for width, change in changes.items():
        for day, users in by_day.items():
            # In the ranges that end on the days day … day + width - 1 …
            change[day] += users
            change[day + width * _DAY] -= users
    for is_before, day, *again in _again(keys):
        # … but once only where the day before is in the range as well.
        for (width, change), users in zip(changes.items(), again, strict=True):
            if is_before:
                change[day + width * _DAY] += users
            else:
                change[day] -= users
    sums = {width: _summed(change, known) for width, change in changes.items()}
    return Rolling({1: dict(by_day), **sums})


def _summed(changes: dict[dt.date, int], period: Period) -> dict[dt.date, int]:
    users, found = 0, {}
    for day in period.days():
        users += changes.get(day, 0)
        found[day] = users
    return found


def _again(
    keys: Sequence[tuple[uuid.UUID, str, dt.date, dt.date, dt.date]],
) -> list[tuple[bool, dt.date, int, int]]:
    """For each day, the users who had been active within the week and the month before it. For each
    of those earlier days (the first column is true), the users who were active again later."""
    kinds = {"agent_id": "uuid", "platform": "text", "day": "date", "week": "date", "month": "date"}
    found = bulk.select(_AGAIN, kinds, keys, ["bool", "date", "int", "int"])
    return [(is_before, day, week, month) for is_before, day, week, month in found]


# Materialized: otherwise SQLite would parse the JSON of the given rows again for each gap.
_AGAIN = """
WITH r AS MATERIALIZED (SELECT * FROM {given}), gaps AS MATERIALIZED (
  SELECT g.day AS day, g.previous_day AS previous_day, g.users AS month,
    CASE WHEN g.previous_day > r.week THEN g.users ELSE 0 END AS week
  FROM r CROSS JOIN ledger_returngap g
  WHERE g.agent_id = r.agent_id AND g.platform = r.platform AND g.day = r.day
    AND g.previous_day > r.month)
SELECT false, day, CAST(SUM(week) AS bigint), CAST(SUM(month) AS bigint) FROM gaps GROUP BY day
UNION ALL
SELECT true, previous_day, CAST(SUM(week) AS bigint), CAST(SUM(month) AS bigint)
FROM gaps GROUP BY previous_day
"""
