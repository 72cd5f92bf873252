"""The agents' rollups, counted by agent: one statement for all of them."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Sum

from frontdesk.analytics.active import LONGEST
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import COLUMNS, Sums
from frontdesk.gate.models import RefusedDay
from frontdesk.ledger import bulk
from frontdesk.ledger.models import AgentDay

ByAgent = dict[uuid.UUID, list[int]]
"""Per agent a number for each bucket; agents without any are left out."""


def sums(scope: Scope, period: Period) -> dict[uuid.UUID, Sums]:
    """The figures of the period's days."""
    found: dict[uuid.UUID, Sums] = defaultdict(Sums)
    rows = AgentDay.objects.filter(scope.rows, day__range=period).values_list("agent_id")
    for agent_id, *figures in rows.annotate(*map(Sum, COLUMNS)).order_by():
        found[agent_id] = Sums(*figures)
    refused = RefusedDay.objects.filter(scope.rows, day__range=period).values_list("agent_id")
    for agent_id, messages in refused.annotate(Sum("refused")).order_by():
        found[agent_id].refused = messages
    return found


def in_buckets(scope: Scope, buckets: Sequence[Period], column: str) -> ByAgent:
    """One column of AgentDay, added up over each bucket; buckets follow one another."""
    if _span(buckets).length == len(buckets):
        return _by_day(scope, _span(buckets), column)
    return _by_bucket(scope, buckets, f"d.{column}")


def distinct(scope: Scope, buckets: Sequence[Period]) -> ByAgent:
    """Users who sent a message in each bucket; each counts once, on each agent and platform."""
    if _span(buckets).length == len(buckets):
        return _by_day(scope, _span(buckets), "active_users")
    longest = max(bucket.length for bucket in buckets)
    return _by_bucket(scope, buckets, _SHORT if longest <= LONGEST else _LONG)


_GAPS = (
    "COALESCE((SELECT SUM(g.users) FROM ledger_returngap g WHERE g.agent_id = d.agent_id"
    " AND g.platform = d.platform AND g.day = d.day AND g.previous_day {}), 0)"
)
# Who is active on a day counts there unless an earlier day of the bucket has counted him. There are
# as many previous days inside a short bucket as it has days, and before a long one only a few.
_SHORT = f"d.active_users - {_GAPS.format('>= r.since')}"
_LONG = _GAPS.format("< r.since")


def _span(buckets: Sequence[Period]) -> Period:
    return Period(buckets[0].first, buckets[-1].last)


def _by_day(scope: Scope, period: Period, column: str) -> ByAgent:
    found: ByAgent = defaultdict(lambda: [0] * period.length)
    rows = AgentDay.objects.filter(scope.rows, day__range=period, **{f"{column}__gt": 0})
    grouped = rows.values_list("agent_id", "day").annotate(Sum(column)).order_by()
    for agent_id, day, value in grouped:
        found[agent_id][(day - period.first).days] = value
    return found


def _by_bucket(scope: Scope, buckets: Sequence[Period], value: str) -> ByAgent:
    """The sum of an SQL expression on the agents' days `d` of the given buckets `r`."""
    rows = AgentDay.objects.filter(scope.rows, day__range=_span(buckets))
    keys = [
        (agent_id, platform, number, bucket.first, bucket.last)
        for agent_id, platform in rows.values_list("agent_id", "platform").distinct().order_by()
        for number, bucket in enumerate(buckets)
    ]
    found: ByAgent = defaultdict(lambda: [0] * len(buckets))
    for agent_id, number, total in bulk.select(
        f"SELECT r.agent_id, r.bucket, SUM({value})"  # noqa: S608  # the expression is one of ours
        " FROM {given} CROSS JOIN ledger_agentday d WHERE d.agent_id = r.agent_id"
        " AND d.platform = r.platform AND d.day BETWEEN r.since AND r.until"
        " GROUP BY r.agent_id, r.bucket",
        {"agent_id": "uuid", "platform": "text", "bucket": "int", "since": "date", "until": "date"},
        keys,
        ["uuid", "int", "int"],
    ):
        found[agent_id][number] = int(total)
    return found
