"""Messages of users and of the agent over time."""

from django.utils.translation import gettext as _

from frontdesk.analytics.blocks.table import Series, TimeChart
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days


def load(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    days, buckets = Days.load(scope, query.period), query.buckets()
    sent = days.series(buckets, "messages_sent")
    chat = days.series(buckets, "chat_messages")
    answers = [all_ - own for all_, own in zip(chat, sent, strict=True)]
    return TimeChart(
        buckets, [Series(_("Sent by users"), sent), Series(_("By the agent"), answers)], "stack"
    )
