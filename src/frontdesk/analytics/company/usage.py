"""The cost of each agent's models."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks.llm_models import ModelUse, Use
from frontdesk.analytics.blocks.table import Head, Table
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.models import ModelDay

MAX_SHOWN = 12
"""Rows in the block. All of them are in its table and its CSV file."""


@dataclass(frozen=True)
class AgentModel:
    """One model of one agent."""

    agent: Agent
    model: ModelUse


@dataclass(frozen=True)
class Usage:
    """Agents and models, most expensive first."""

    rows: Sequence[AgentModel]

    @property
    def shown(self) -> Sequence[AgentModel]:
        return self.rows[:MAX_SHOWN]

    @property
    def more(self) -> int:
        return len(self.rows) - len(self.shown)

    @property
    def table(self) -> Table:
        heads = [
            Head(_("Agent")),
            Head(_("Model")),
            Head(_("Messages"), "number"),
            Head(_("Cost"), "money"),
            Head(_("Share of the cost"), "percent"),
            Head(_("Cost per message"), "money"),
            Head(_("Without a known price"), "number"),
        ]
        return Table(heads, [_cells(row) for row in self.rows])


def load(scope: Scope, query: AnalyticsQuery) -> Usage:
    rows = ModelDay.objects.filter(scope.rows, day__range=query.period, messages__gt=0)
    sums = rows.values_list("agent_id", "model").annotate(
        Sum("messages"), Sum("cost"), Sum("unpriced_messages")
    )
    found: list[tuple[uuid.UUID, str, Use]] = [
        (agent_id, model, Use(*figures)) for agent_id, model, *figures in sums.order_by()
    ]
    cost = sum(use.cost for agent_id, model, use in found)
    agents = {agent.id: agent for agent in scope.agents}
    uses = [
        AgentModel(agents[agent_id], ModelUse(model, use, cost)) for agent_id, model, use in found
    ]
    uses.sort(key=lambda row: (-row.model.use.cost, row.agent.name, row.model.model))
    return Usage(uses)


def _cells(row: AgentModel) -> list[str | int | float | None]:
    model = row.model
    return [
        row.agent.name,
        model.title,
        model.use.messages,
        model.cost,
        model.share,
        model.per_message,
        model.use.unpriced,
    ]
