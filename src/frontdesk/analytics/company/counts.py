"""The agents' rollups, counted by agent: one statement for all of them."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Sum

from frontdesk.analytics.buckets import figure_by, users_by
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import COLUMNS, Sums
from frontdesk.gate.models import RefusedDay
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
    return figure_by("agent_id", scope, buckets, column)


def distinct(scope: Scope, buckets: Sequence[Period]) -> ByAgent:
    """Users who sent a message in each bucket; each counts once, on each agent and platform."""
    return users_by("agent_id", scope, buckets)
