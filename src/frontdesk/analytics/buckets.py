"""The figures of many buckets, by agent or by platform, in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

from django.db.models import Sum

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.core.sql import bulk
from frontdesk.ledger.models import AgentDay

Key = Literal["agent_id", "platform"]
Counts = dict[Any, list[int]]
"""By agent ID or platform, a number for each bucket. Those without any are left out."""

MAX_SHORT_LENGTH = 35
"""Up to this length in days, fewer gaps lie within a bucket than reach back before it."""


def figure_by(key: Key, scope: Scope, buckets: Sequence[Period], column: str) -> Counts:
    """One column of AgentDay, added up over each bucket. Buckets are consecutive."""
    if _span(buckets).length == len(buckets):
        return _by_day(key, scope, _span(buckets), column)
    return _by_bucket(key, scope, buckets, f"d.{column}")


def users_by(key: Key, scope: Scope, buckets: Sequence[Period]) -> Counts:
    """Users who sent a message in each bucket. Each counts once on each agent and platform."""
    if _span(buckets).length == len(buckets):
        return _by_day(key, scope, _span(buckets), "active_users")
    longest = max(bucket.length for bucket in buckets)
    return _by_bucket(key, scope, buckets, _IN_SHORT if longest <= MAX_SHORT_LENGTH else _IN_LONG)


def users_in(scope: Scope, buckets: Sequence[Period]) -> list[int]:
    """Users who sent a message in each bucket, of all agents and platforms together."""
    counts = users_by("platform", scope, buckets).values()
    return [sum(column) for column in zip(*counts, strict=True)] or [0] * len(buckets)


_GAPS = (
    "COALESCE((SELECT SUM(g.users) FROM ledger_returngap g WHERE g.agent_id = d.agent_id"
    " AND g.platform = d.platform AND g.day = d.day AND g.previous_day {}), 0)"
)
# A user who is active on a day counts there, unless an earlier day of the bucket has counted them.
# A short bucket has few previous days within it; a long one has few gaps that start before it.
_IN_SHORT = f"d.active_users - {_GAPS.format('>= r.since')}"
_IN_LONG = _GAPS.format("< r.since")


def _span(buckets: Sequence[Period]) -> Period:
    return Period(buckets[0].first, buckets[-1].last)


def _by_day(key: Key, scope: Scope, period: Period, column: str) -> Counts:
    found: Counts = defaultdict(lambda: [0] * period.length)
    rows = AgentDay.objects.filter(scope.rows, day__range=period, **{f"{column}__gt": 0})
    for whose, day, value in rows.values_list(key, "day").annotate(Sum(column)).order_by():
        found[whose][(day - period.first).days] = value
    return found


def _by_bucket(key: Key, scope: Scope, buckets: Sequence[Period], value: str) -> Counts:
    """The sum of an SQL expression on the agents' days `d` of the given buckets `r`."""
    rows = AgentDay.objects.filter(scope.rows, day__range=_span(buckets))
    keys = [
        (agent_id, platform, number, bucket.first, bucket.last)
        for agent_id, platform in rows.values_list("agent_id", "platform").distinct().order_by()
        for number, bucket in enumerate(buckets)
    ]
    found: Counts = defaultdict(lambda: [0] * len(buckets))
    for whose, number, total in bulk.select(
        f"SELECT r.{key}, r.bucket, SUM({value})"  # noqa: S608  # key and expression are ours
        " FROM {given} CROSS JOIN ledger_agentday d WHERE d.agent_id = r.agent_id"
        " AND d.platform = r.platform AND d.day BETWEEN r.since AND r.until"
        f" GROUP BY r.{key}, r.bucket",
        {"agent_id": "uuid", "platform": "text", "bucket": "int", "since": "date", "until": "date"},
        keys,
        ["uuid" if key == "agent_id" else "text", "int", "int"],
    ):
        if total:
            found[whose][number] = int(total)
    return found
