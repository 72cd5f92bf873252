"""Active users over time."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.analytics.active import MONTH, WEEK, Rolling
from frontdesk.analytics.blocks.table import Series, TimeChart
from frontdesk.analytics.buckets import users_in
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days

RANGES = (
    (gettext_lazy("Daily"), 1),
    (gettext_lazy("Weekly"), WEEK),
    (gettext_lazy("Monthly"), MONTH),
)
"""The title and the number of days of the ranges that end with each day."""


def load(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    """By day: the rolling ranges. By week or month: the users, and the daily average."""
    buckets = query.buckets()
    if query.by == "day":
        return TimeChart(
            buckets, [_rolling(scope, query, str(title), width) for title, width in RANGES]
        )
    days, users = Days.load(scope, query.period), users_in(scope, buckets)
    average = [days.of(bucket).active_users / bucket.length for bucket in buckets]
    links = [users_url(scope, active=bucket) for bucket in buckets]
    title = _("Users of the week") if query.by == "week" else _("Users of the month")
    return TimeChart(
        buckets,
        [
            Series(title, users, links=links, shape="bars"),
            Series(_("Daily average"), average, "decimal"),
        ],
    )


def _rolling(scope: Scope, query: AnalyticsQuery, title: str, width: int) -> Series:
    period = query.period
    rolling = Rolling.load(scope, period)
    values = [rolling.on(day, width) for day in period.days()]
    before = dt.timedelta(days=width - 1)
    links = [users_url(scope, active=Period(day - before, day)) for day in period.days()]
    return Series(title, values, links=links)
