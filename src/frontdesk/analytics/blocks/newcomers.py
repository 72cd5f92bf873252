"""New and returning users over time."""

import datetime as dt

from django.utils.translation import gettext as _

from frontdesk.analytics.blocks.table import Series, TimeChart
from frontdesk.analytics.buckets import users_in
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days

_DAY = dt.timedelta(days=1)


def load(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    buckets = query.buckets()
    new = Days.load(scope, query.period).series(buckets, "new_users")
    returning = [all_ - some for all_, some in zip(users_in(scope, buckets), new, strict=True)]
    joined = [users_url(scope, joined=bucket) for bucket in buckets]
    back = [users_url(scope, active=b, joined_to=b.first - _DAY) for b in buckets]
    series = [
        Series(_("New"), new, links=joined),
        Series(_("Returning"), returning, links=back),
    ]
    return TimeChart(buckets, series, "stack")
