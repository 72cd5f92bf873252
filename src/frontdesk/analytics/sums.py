"""The figures of days, and their sums."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Sum

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.gate.models import RefusedDay
from frontdesk.ledger.models import AgentDay
from frontdesk.ledger.rollups import DAY_COLUMNS

COLUMNS = ("new_users", "active_users", *DAY_COLUMNS)


@dataclass
class Sums:
    """The sums of some days. In `active_users`, users who were active on two days count twice."""

    new_users: int = 0
    active_users: int = 0
    sessions: int = 0
    chat_messages: int = 0
    messages_sent: int = 0
    cost: int = 0
    unpriced_messages: int = 0
    failed_messages: int = 0
    session_seconds: int = 0
    refused: int = 0

    def add(self, other: "Sums") -> None:
        for name in vars(other):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Days:
    """The figures of each day."""

    by_day: dict[dt.date, Sums] = field(default_factory=dict)

    @classmethod
    def load(cls, scope: Scope, period: Period) -> "Days":
        return scope.once(cls, period, _read)

    def of(self, period: Period) -> Sums:
        total = Sums()
        for day in period.days():
            if day in self.by_day:
                total.add(self.by_day[day])
        return total

    def total(self, period: Period, name: str) -> int:
        """The sum of one figure."""
        days = (self.by_day[day] for day in period.days() if day in self.by_day)
        return sum(getattr(sums, name) for sums in days)

    def series(self, buckets: Sequence[Period], name: str) -> list[int]:
        return [self.total(bucket, name) for bucket in buckets]


def _read(scope: Scope, period: Period) -> Days:
    days = Days()
    rows = AgentDay.objects.filter(scope.rows, day__range=period).values_list("day")
    for day, *figures in rows.annotate(*map(Sum, COLUMNS)).order_by():
        days.by_day[day] = Sums(*figures)
    refused = RefusedDay.objects.filter(scope.rows, day__range=period).values_list("day")
    for day, messages in refused.annotate(Sum("refused")).order_by():
        days.by_day.setdefault(day, Sums()).refused = messages
    return days
