"""How many different users were active in any days: exact, from ReturnGap.

Who was active on day d and before that last on day p is in the row (d, p). So in [a, b] the first
active day of each user is the one whose p is before a: counting those counts users once.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import BigIntegerField, OuterRef, Subquery, Sum

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.ledger import bulk
from frontdesk.ledger.models import AgentDay, ReturnGap

LONGEST = 35
"""Days of the longest range that `Activity` tells: five weeks, more than any month."""

_DAY = dt.timedelta(days=1)


def distinct(scope: Scope, period: Period) -> int:
    """Users who sent a message in the period; each counts once, on each agent and platform."""
    return sum(distinct_by_platform(scope, period).values())


def distinct_by_platform(scope: Scope, period: Period) -> dict[str, int]:
    """Users who sent a message in the period, of each platform that had some.

    Those of each day, less those who had been there in the period before: that reads the few gaps
    that lie in the period, and not those into all the days before it.
    """
    key = {name: OuterRef(name) for name in ("agent_id", "platform", "day")}
    gaps = ReturnGap.objects.filter(**key, previous_day__gte=period.first)
    again = gaps.order_by().values("day").values(users=Sum("users"))
    days = AgentDay.objects.filter(scope.rows, day__range=period, active_users__gt=0)
    sums = (
        days.order_by()
        .values_list("platform")
        .annotate(Sum("active_users"), again=Sum(Subquery(again, output_field=BigIntegerField())))
    )
    return {platform: users - (back or 0) for platform, users, back in sums}


@dataclass
class Activity:
    """Users of each day, and how many of them had been active in the `LONGEST` days before."""

    by_day: dict[dt.date, int] = field(default_factory=dict)
    returned: dict[dt.date, list[tuple[dt.date, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Per day: the previous active day, and users."""

    @classmethod
    def load(cls, scope: Scope, period: Period) -> "Activity":
        """What is needed for ranges that end in the period."""
        return scope.once(cls, period, _read)

    def on(self, day: dt.date) -> int:
        return self.by_day.get(day, 0)

    def within(self, period: Period) -> int:
        """Users of a range of at most `LONGEST` days, each once."""
        assert period.length <= LONGEST, period  # noqa: S101  # what came before is not known
        users = 0
        for day in period.days():
            again = (n for previous, n in self.returned.get(day, ()) if previous >= period.first)
            users += self.on(day) - sum(again)
        return users

    def until(self, period: Period, width: int) -> list[int]:
        """For each day of the period the users of the `width` days that end with it."""
        changes: dict[dt.date, int] = defaultdict(int)
        for day, users in self.by_day.items():
            # In the ranges that end on the days day … day + width - 1 …
            changes[day] += users
            changes[day + width * _DAY] -= users
            for previous, again in self.returned.get(day, ()):
                # … but once only where the previous day is in the range as well.
                if (day - previous).days < width:
                    changes[day] -= again
                    changes[previous + width * _DAY] += again
        users, found = 0, {}
        for day in sorted(changes):
            users += changes[day]
            found[day] = users
        return _carried(found, period)


def _carried(found: dict[dt.date, int], period: Period) -> list[int]:
    """The value of each day of the period: that of the last change until then."""
    past = [day for day in found if day <= period.first]
    value = found[max(past)] if past else 0
    values = []
    for day in period.days():
        value = found.get(day, value)
        values.append(value)
    return values


@dataclass
class PlatformActivity:
    """The activity on each platform; users of several add up, for each identity is on one."""

    by_slug: dict[str, Activity] = field(default_factory=lambda: defaultdict(Activity))

    @classmethod
    def load(cls, scope: Scope, period: Period) -> "PlatformActivity":
        """What is needed for ranges that end in the period."""
        return scope.once(cls, period, _read_platforms)


def _read_platforms(scope: Scope, period: Period) -> PlatformActivity:
    found = PlatformActivity()
    known = Period(period.first - (LONGEST - 1) * _DAY, period.last)
    days = AgentDay.objects.filter(scope.rows, day__range=known, active_users__gt=0)
    keys = []
    for agent_id, platform, day, users in days.values_list(
        "agent_id", "platform", "day", "active_users"
    ):
        by_day = found.by_slug[platform].by_day
        by_day[day] = by_day.get(day, 0) + users
        keys.append((agent_id, platform, day, day - LONGEST * _DAY))
    for platform, day, previous, users in _returned(keys):
        found.by_slug[platform].returned[day].append((previous, users))
    return found


def _read(scope: Scope, period: Period) -> Activity:
    total = Activity()
    for activity in PlatformActivity.load(scope, period).by_slug.values():
        for day, users in activity.by_day.items():
            total.by_day[day] = total.by_day.get(day, 0) + users
        for day, again in activity.returned.items():
            total.returned[day] += again
    return total


def _returned(
    keys: Sequence[tuple[uuid.UUID, str, dt.date, dt.date]],
) -> list[tuple[str, dt.date, dt.date, int]]:
    """Platform, day, previous day and users, where the previous day is not before a day's limit."""
    return [
        (platform, day, previous, users)
        for platform, day, previous, users in bulk.select(
            "SELECT r.platform, r.day, g.previous_day, CAST(SUM(g.users) AS bigint)"
            " FROM {given} CROSS JOIN ledger_returngap g"
            " WHERE g.agent_id = r.agent_id AND g.platform = r.platform AND g.day = r.day"
            " AND g.previous_day > r.bound GROUP BY 1, 2, 3",
            {"agent_id": "uuid", "platform": "text", "day": "date", "bound": "date"},
            keys,
            ["text", "date", "date", "int"],
        )
    ]
