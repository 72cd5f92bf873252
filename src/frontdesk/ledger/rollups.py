"""Changes of an agent's rollups, and saving them.

All rollups are sums over users, so any change of a user is a difference to add. That keeps
concurrent recording, erasing and rebuilding correct.
"""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from frontdesk.core.sql import bulk
from frontdesk.ledger.details import Detail
from frontdesk.ledger.models import (
    NO_DAY,
    AgentDay,
    AgentHour,
    Cohort,
    FacetCount,
    ModelDay,
    ReturnGap,
)

DAY_COLUMNS = (
    "sessions",
    "chat_messages",
    "messages_sent",
    "cost",
    "unpriced_messages",
    "failed_messages",
    "session_seconds",
)
USAGE_COLUMNS = ("messages", "cost", "unpriced_messages")
SESSIONS, SENT, SECONDS = map(DAY_COLUMNS.index, ("sessions", "messages_sent", "session_seconds"))


def no_figures() -> list[int]:
    """Zeros for `DAY_COLUMNS`."""
    return [0] * len(DAY_COLUMNS)


@dataclass
class RollupChanges:
    """Differences to add to the rollups of one agent."""

    days: dict[tuple[str, dt.date], list[int]] = field(
        default_factory=lambda: defaultdict(no_figures)
    )
    new_users: Counter[tuple[str, dt.date]] = field(default_factory=Counter)
    active_users: Counter[tuple[str, dt.date]] = field(default_factory=Counter)
    gaps: Counter[tuple[str, dt.date, dt.date]] = field(default_factory=Counter)
    cohorts: Counter[tuple[str, dt.date, dt.date]] = field(default_factory=Counter)
    facets: Counter[tuple[str, str]] = field(default_factory=Counter)
    hours: Counter[tuple[str, dt.date, int]] = field(default_factory=Counter)
    usage: dict[tuple[str, dt.date, str], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0] * len(USAGE_COLUMNS))
    )

    def add_day(self, platform: str, day: dt.date, figures: Iterable[int], sign: int = 1) -> None:
        sums = self.days[platform, day]
        for index, value in enumerate(figures):
            sums[index] += sign * value

    def add_detail(self, platform: str, day: dt.date, detail: Detail, sign: int = 1) -> None:
        for hour, sent in detail.hours.items():
            self.hours[platform, day, int(hour)] += sign * sent
        for model, sums in detail.usage.items():
            known = self.usage[platform, day, model]
            for index, value in enumerate(sums):
                known[index] += sign * value

    def add_active_days(self, platform: str, active: Iterable[dt.date], sign: int = 1) -> None:
        """Add (or, with sign -1, subtract) all the days on which one user was active."""
        ordered = sorted(active)
        if not ordered:
            return
        self.new_users[platform, ordered[0]] += sign
        for previous, day in zip([NO_DAY, *ordered], ordered, strict=False):
            self.gaps[platform, day, previous] += sign
            self.active_users[platform, day] += sign
        first = week_of(ordered[0])
        for week in {week_of(day) for day in ordered}:
            self.cohorts[platform, first, week] += sign

    def save(self, agent_id: uuid.UUID) -> None:
        """Write the changes, in order. Call it last: all users of the agent share these rows."""
        days = [
            (agent_id, *key, new, active, *self.days.get(key, no_figures()))
            for key in sorted({*self.days, *self.new_users, *self.active_users})
            if (new := self.new_users[key]) | (active := self.active_users[key])
            or any(self.days.get(key, ()))
        ]
        columns = ["new_users", "active_users", *DAY_COLUMNS]
        bulk.add(AgentDay, ["agent_id", "platform", "day"], columns, days)
        bulk.add(
            AgentHour, ["agent_id", "platform", "day", "hour"], ["messages_sent"],
            _rows(agent_id, self.hours),
        )  # fmt: skip
        used = [(agent_id, *key, *sums) for key, sums in sorted(self.usage.items()) if any(sums)]
        bulk.add(ModelDay, ["agent_id", "platform", "day", "model"], USAGE_COLUMNS, used)
        bulk.add(
            ReturnGap, ["agent_id", "platform", "day", "previous_day"], ["users"],
            _rows(agent_id, self.gaps),
        )  # fmt: skip
        bulk.add(
            Cohort, ["agent_id", "platform", "first_week", "week"], ["users"],
            _rows(agent_id, self.cohorts),
        )  # fmt: skip
        bulk.add(
            FacetCount, ["agent_id", "facet", "value"], ["users"], _rows(agent_id, self.facets)
        )
        self._remove_unused_values(agent_id)

    def _remove_unused_values(self, agent_id: uuid.UUID) -> None:
        """Remove facet values that no user has any more: a tag may name an erased user."""
        habit = FacetCount.Facet.HABIT.value  # names no one, and users move between habits often
        lost = [key for key, users in self.facets.items() if users < 0 and key[0] != habit]
        if lost:
            facets, values = zip(*lost, strict=True)
            rows = FacetCount.objects.filter(agent_id=agent_id, facet__in=set(facets), users=0)
            rows.filter(value__in=set(values)).delete()


def week_of(day: dt.date) -> dt.date:
    """The Monday of the day's week."""
    return day - dt.timedelta(days=day.weekday())


def _rows(agent_id: uuid.UUID, counts: Counter[Any]) -> list[tuple[object, ...]]:
    return [(agent_id, *key, users) for key, users in sorted(counts.items()) if users]
