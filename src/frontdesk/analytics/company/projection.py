"""The projected cost of this month."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks.table import Head, Table
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.models import AgentDay

MIN_ELAPSED = dt.timedelta(days=3)
"""Before this much of a month has passed, its own cost says too little."""
LOOK_BACK_DAYS = 30
"""The projection of a month that has just started uses the mean of these days."""

MAX_SHOWN = 12
"""Agents in the block. All of them are in its table and its CSV file."""

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Month:
    """The current month in an agent's zone, and how much of it has passed."""

    today: dt.date
    elapsed: dt.timedelta
    length: dt.timedelta

    @classmethod
    def of(cls, agent: Agent, now: dt.datetime) -> "Month":
        """In real time: a month in which clocks change is an hour longer or shorter."""
        today = now.astimezone(agent.zone).date()
        following = (today.replace(day=28) + 4 * _DAY).replace(day=1)
        start, end = (
            dt.datetime.combine(day, dt.time.min, agent.zone).astimezone(dt.UTC)
            for day in (today.replace(day=1), following)
        )
        return cls(today, now - start, end - start)

    @property
    def days(self) -> Period:
        return Period(self.today.replace(day=1), self.today)

    @property
    def before(self) -> Period:
        """The previous month."""
        last = self.days.first - _DAY
        return Period(last.replace(day=1), last)

    @property
    def is_early(self) -> bool:
        return self.elapsed < MIN_ELAPSED


@dataclass(frozen=True)
class Projected:
    """Costs in micro-dollars. `projected` is the expected cost of the whole month."""

    agent: Agent
    so_far: int
    projected: int
    last_month: int
    is_early: bool


@dataclass(frozen=True)
class Projection:
    """The agents, most expensive first, and their totals."""

    rows: Sequence[Projected]

    @property
    def shown(self) -> Sequence[Projected]:
        return self.rows[:MAX_SHOWN]

    @property
    def more(self) -> int:
        return len(self.rows) - len(self.shown)

    @property
    def so_far(self) -> int:
        return sum(row.so_far for row in self.rows)

    @property
    def projected(self) -> int:
        return sum(row.projected for row in self.rows)

    @property
    def last_month(self) -> int:
        return sum(row.last_month for row in self.rows)

    @property
    def is_early(self) -> bool:
        """Whether the month of any agent has just started."""
        return any(row.is_early for row in self.rows)

    @property
    def table(self) -> Table:
        heads = [
            Head(_("Agent")),
            Head(_("This month so far"), "money"),
            Head(_("Projected for this month"), "money"),
            Head(_("Last month"), "money"),
        ]
        return Table(
            heads,
            [[r.agent.name, r.so_far, r.projected, r.last_month] for r in self.rows],
        )


def load(scope: Scope) -> Projection:
    """The projection of this month, whatever the period, on the scope's platform."""
    return project(scope, timezone.now())


def project(scope: Scope, now: dt.datetime) -> Projection:
    months = {agent.id: Month.of(agent, now) for agent in scope.agents}
    first = min(map(_first_needed, months.values()), default=now.date())
    costs = _costs(scope, Period(first, now.date() + _DAY))
    rows = [_projected(agent, months[agent.id], costs[agent.id]) for agent in scope.agents]
    rows.sort(key=lambda row: (-row.projected, row.agent.name, row.agent.id))
    return Projection([row for row in rows if row.projected or row.last_month])


def _first_needed(month: Month) -> dt.date:
    return min(month.before.first, month.today - LOOK_BACK_DAYS * _DAY)


def _projected(agent: Agent, month: Month, costs: dict[dt.date, int]) -> Projected:
    def of(period: Period) -> int:
        return sum(cost for day, cost in costs.items() if period.first <= day <= period.last)

    so_far = of(month.days)
    if month.is_early:
        # Whole days only: today would pull the mean down.
        look_back = Period(month.today - LOOK_BACK_DAYS * _DAY, month.today - _DAY)
        projected = of(look_back) * (month.length / (LOOK_BACK_DAYS * _DAY))
    else:
        projected = so_far * (month.length / month.elapsed)
    return Projected(
        agent=agent,
        so_far=so_far,
        projected=max(so_far, round(projected)),
        last_month=of(month.before),
        is_early=month.is_early,
    )


def _costs(scope: Scope, period: Period) -> dict[uuid.UUID, dict[dt.date, int]]:
    found: dict[uuid.UUID, dict[dt.date, int]] = defaultdict(dict)
    rows = AgentDay.objects.filter(scope.rows, day__range=period, cost__gt=0)
    for agent_id, day, cost in rows.values_list("agent_id", "day").annotate(Sum("cost")).order_by():
        found[agent_id][day] = cost
    return found
