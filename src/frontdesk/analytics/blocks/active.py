"""Active users over time."""

import datetime as dt

from frontdesk.analytics.active import MONTH, WEEK, Rolling
from frontdesk.analytics.blocks.table import Series, TimeChart
from frontdesk.analytics.buckets import users_in
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days

WIDTHS = {"Daily": 1, "Weekly": WEEK, "Monthly": MONTH}
"""Days of the ranges that end with each day."""


def load(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    """By day the rolling ranges; by week or month each bucket's users, and a usual day's."""
    buckets = query.buckets()
    if query.by == "day":
        return TimeChart(buckets, [_rolling(scope, query, name) for name in WIDTHS])
    days, users = Days.load(scope, query.period), users_in(scope, buckets)
    usual = [days.of(bucket).active_users / bucket.length for bucket in buckets]
    links = [users_url(scope, active=bucket) for bucket in buckets]
    title = "Users of the week" if query.by == "week" else "Users of the month"
    return TimeChart(
        buckets,
        [
            Series(title, users, links=links, shape="bars"),
            Series("Daily average", usual, "decimal"),
        ],
    )


def _rolling(scope: Scope, query: AnalyticsQuery, name: str) -> Series:
    width, period = WIDTHS[name], query.period
    rolling = Rolling.load(scope, period)
    values = [rolling.on(day, width) for day in period.days()]
    before = dt.timedelta(days=width - 1)
    links = [users_url(scope, active=Period(day - before, day)) for day in period.days()]
    return Series(name, values, links=links)
