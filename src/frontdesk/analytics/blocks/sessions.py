"""Sessions and their average length over time."""

from django.utils.translation import gettext as _

from frontdesk.analytics.blocks.table import Series, TimeChart
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days


def load(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    days, buckets = Days.load(scope, query.period), query.buckets()
    sums = [days.of(bucket) for bucket in buckets]
    sessions = Series(_("Sessions"), [one.sessions for one in sums], shape="bars")
    lengths = [one.session_seconds / one.sessions if one.sessions else None for one in sums]
    return TimeChart(buckets, [sessions, Series(_("Average length"), lengths, "duration")])
