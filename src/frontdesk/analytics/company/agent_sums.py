"""The figures of a period by agent: one statement for all of them, and one for refusals."""

import uuid
from collections import defaultdict

from django.db.models import Sum

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import COLUMNS, Sums
from frontdesk.gate.models import RefusedDay
from frontdesk.ledger.models import AgentDay


def sums_by_agent(scope: Scope, period: Period) -> dict[uuid.UUID, Sums]:
    """The sums of the period's days, by agent ID."""
    found: dict[uuid.UUID, Sums] = defaultdict(Sums)
    rows = AgentDay.objects.filter(scope.rows, day__range=period).values_list("agent_id")
    for agent_id, *figures in rows.annotate(*map(Sum, COLUMNS)).order_by():
        found[agent_id] = Sums(*figures)
    refused = RefusedDay.objects.filter(scope.rows, day__range=period).values_list("agent_id")
    for agent_id, messages in refused.annotate(Sum("refused")).order_by():
        found[agent_id].refused = messages
    return found
