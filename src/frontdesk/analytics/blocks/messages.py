"""Messages that users sent, and the agent's, over time."""

from frontdesk.analytics.blocks.table import Series, TimeChart
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days


def load(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    days, buckets = Days.load(scope, query.period), query.buckets()
    sent = days.series(buckets, "messages_sent")
    chat = days.series(buckets, "chat_messages")
    answers = [both - own for both, own in zip(chat, sent, strict=True)]
    return TimeChart(
        buckets, [Series("Sent by users", sent), Series("By the agent", answers)], "stack"
    )
