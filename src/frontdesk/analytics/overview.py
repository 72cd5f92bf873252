"""The figures of the agents' cards: a few statements, however many agents there are."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Q, Sum
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.analytics.persons import ALL, Linked, active_in, linked_by_agent
from frontdesk.analytics.query import Period
from frontdesk.ledger.models import FacetCount, ReturnGap

WEEK = 7
SPARK_DAYS = 30


@dataclass(frozen=True)
class Figures:
    """The figures on the card of an agent."""

    users: int = 0
    platforms: Sequence[str] = ()
    """The platforms of the users, largest first."""
    active_week: int = 0
    """Distinct users who sent a message in the last 7 days of the agent's zone, today included."""
    daily: Sequence[int] = field(default=(0,) * SPARK_DAYS)
    """Users active on each of the last 30 days, oldest first."""
    linked: Linked | None = None
    """The linked users, and those active in the week. None: there are none, or too many."""

    @property
    def users_note(self) -> str:
        return self.linked.note(ALL, self.users) if self.linked else ""

    @property
    def active_note(self) -> str:
        return self.linked.note("active", self.active_week) if self.linked else ""


def figures_of(agents: Iterable[Agent], now: dt.datetime | None = None) -> dict[uuid.UUID, Figures]:
    """The figures of each agent.

    At any moment at most three dates are "today" somewhere in the world, so there are at most three
    groups of agents, and each group takes one statement for the days.
    """
    now = now or timezone.now()
    by_today: dict[dt.date, list[uuid.UUID]] = defaultdict(list)
    for agent in agents:
        by_today[now.astimezone(agent.zone).date()].append(agent.id)
    users = _users_by_platform([agent_id for ids in by_today.values() for agent_id in ids])
    linked = _linked(by_today) or {}
    figures = {}
    for today, ids in by_today.items():
        activity = _activity(ids, today)
        for agent_id in ids:
            daily, week = activity[agent_id]
            seen = users[agent_id]
            own = linked.get(agent_id)
            figures[agent_id] = Figures(sum(seen.values()), list(seen), week, daily, own)
    return figures


def _linked(by_today: dict[dt.date, list[uuid.UUID]]) -> dict[uuid.UUID, Linked] | None:
    active = Q()
    for today, ids in by_today.items():
        active |= Q(agent_id__in=ids) & active_in(Period(_week_start(today), today))
    every = [agent_id for ids in by_today.values() for agent_id in ids]
    return linked_by_agent(every, {"active": active})


def _week_start(today: dt.date) -> dt.date:
    return today - dt.timedelta(days=WEEK - 1)


def _users_by_platform(agent_ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    users: dict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    rows = FacetCount.objects.filter(
        agent_id__in=agent_ids, facet=FacetCount.Facet.PLATFORM, users__gt=0
    ).order_by("-users", "value")
    for agent_id, platform, count in rows.values_list("agent_id", "value", "users"):
        users[agent_id][platform] = count
    return users


def _activity(agent_ids: list[uuid.UUID], today: dt.date) -> dict[uuid.UUID, tuple[list[int], int]]:
    """By agent: users active on each of the last days, and distinct users of the last week.

    Each user who is active on a day has one gap that ends on it. Those whose previous day is before
    the week are active in the week for the first time, so they are counted once (see ReturnGap).
    """
    first = today - dt.timedelta(days=SPARK_DAYS - 1)
    week_start = _week_start(today)
    rows = (
        ReturnGap.objects.filter(agent_id__in=agent_ids, day__gte=first, day__lte=today)
        .values("agent_id", "day")
        .annotate(
            active=Sum("users"),
            entered=Sum("users", filter=Q(previous_day__lt=week_start), default=0),
        )
        .order_by(F("day").asc())
    )
    activity = {agent_id: ([0] * SPARK_DAYS, 0) for agent_id in agent_ids}
    for row in rows:
        daily, week = activity[row["agent_id"]]
        daily[(row["day"] - first).days] = row["active"]
        if row["day"] >= week_start:
            activity[row["agent_id"]] = (daily, week + row["entered"])
    return activity
