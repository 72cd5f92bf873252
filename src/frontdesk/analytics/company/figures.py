"""The figures of all agents together: those of one agent's page, added up.

The page of one agent has the weekly and the monthly users for each day. For many agents that would
take too long, so these figures are here for the end of the period only, without a sparkline.
"""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Min

from frontdesk.analytics.active import MONTH, WEEK
from frontdesk.analytics.blocks.figure import Figure
from frontdesk.analytics.blocks.figures import (
    Figures,
    Values,
    ending,
    note_of,
    persons_of,
    values_of,
)
from frontdesk.analytics.blocks.meanings import MEANINGS
from frontdesk.analytics.buckets import users_in
from frontdesk.analytics.company.side_by_side import AgentRow, Counted
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days
from frontdesk.ledger.models import AgentDay


def load(scope: Scope, query: AnalyticsQuery, total: AgentRow, users: Sequence[int]) -> Figures:
    """`total` is the row of all agents, `users` are the distinct users of each bucket."""
    period, before, buckets = query.period, query.period.before, query.buckets()
    ranges = [ending(days.last, width) for days in (before, period) for width in (MONTH, WEEK)]
    rolling = users_in(scope, ranges)
    days = Days.load(scope, Period(ranges[0].first, period.last))
    then = _values(days, before, total.before, *rolling[:2])
    now = _values(days, period, total.now, *rolling[2:])
    series = [
        values_of(sums, count) | {"daily": sums.active_users / bucket.length}
        for bucket, sums, count in zip(buckets, map(days.of, buckets), users, strict=True)
        if bucket.last < query.today  # a bucket that is not over would look like a drop
    ]
    has_before = any(vars(total.before.sums).values())
    figures = [
        Figure(
            *(key, *meaning, now[key], then[key], has_before),
            [values[key] for values in series if key in values],
            "",
            note_of(key, now, total.now.sums, total.linked),
            *persons_of(key, now, then, total.linked),
        )
        for key, meaning in MEANINGS.items()
    ]
    return Figures(figures, period, _first_day(scope, before), total.linked)


def _values(days: Days, period: Period, counted: Counted, monthly: int, weekly: int) -> Values:
    daily = days.total(ending(period.last, MONTH), "active_users") / MONTH
    return values_of(counted.sums, counted.users) | {
        "daily": counted.sums.active_users / period.length,
        "weekly": weekly,
        "monthly": monthly,
        "stickiness": daily / monthly if monthly else None,
    }


def _first_day(scope: Scope, before: Period) -> dt.date | None:
    """The first day with data, if the previous period is not whole."""
    days = AgentDay.objects.filter(scope.rows, day__range=before)
    first: dt.date | None = days.aggregate(first=Min("day"))["first"]
    return None if first == before.first else first
