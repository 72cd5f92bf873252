"""Compares the rollups of an agent with the rows of its users.

Every writer of a user's rows adds the same difference to the rollups in the same transaction. So
both must agree in any snapshot, and a difference found in one can be added later, while others
write.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.db.models import Count, F, Sum, Window
from django.db.models.functions import Lag, TruncWeek

from frontdesk.core.sql.dialect import dialect
from frontdesk.ledger import contributions
from frontdesk.ledger.details import Detail
from frontdesk.ledger.facets import habit
from frontdesk.ledger.models import (
    FACET_COLUMNS,
    NO_DAY,
    AgentDay,
    AgentHour,
    Cohort,
    DailyActivity,
    EndUser,
    FacetCount,
    ModelDay,
    ReturnGap,
    UserTag,
)
from frontdesk.ledger.rollups import DAY_COLUMNS, USAGE_COLUMNS, RollupChanges, week_of

_MODELS: dict[str, tuple[type[models.Model], tuple[str, ...], str]] = {
    "gaps": (ReturnGap, ("platform", "day", "previous_day"), "users"),
    "cohorts": (Cohort, ("platform", "first_week", "week"), "users"),
    "facets": (FacetCount, ("facet", "value"), "users"),
    "hours": (AgentHour, ("platform", "day", "hour"), "messages_sent"),
}
"""Rollups with a single number: the model, its key, and the number's column."""


def measure(agent_id: uuid.UUID) -> RollupChanges:
    """What must be added to the rollups to equal the sum over present and erased users."""
    with transaction.atomic():
        dialect().read_snapshot()
        expected = _expected(agent_id)
        _subtract_stored(agent_id, expected)
    return expected


def repair(agent_id: uuid.UUID) -> None:
    """Add what is missing. Two repairs take turns, or both would add it.

    A row cannot be the lock, because measuring needs a snapshot that starts after the lock.
    """
    with dialect().exclusive(agent_id.int >> 65):
        missing = measure(agent_id)
        with transaction.atomic():
            missing.save(agent_id)


def describe(missing: RollupChanges) -> Iterator[tuple[str, object]]:
    """A description of each rollup row that differs, and the number to add."""
    for (platform, day), sums in sorted(missing.days.items()):
        for column, value in zip(DAY_COLUMNS, sums, strict=True):
            if value:
                yield f"{platform} on {day}, {column}", value
    for what, counts in (("new", missing.new_users), ("active", missing.active_users)):
        for (platform, day), users in sorted(counts.items()):
            if users:
                yield f"{platform} on {day}, {what} users", users
    for key, sums in sorted(missing.usage.items()):
        for column, value in zip(USAGE_COLUMNS, sums, strict=True):
            if value:
                yield f"model {' / '.join(map(str, key))}, {column}", value
    for name in _MODELS:
        for key, users in sorted(getattr(missing, name).items()):
            if users:
                yield f"{name} {' / '.join(map(str, key))}", users


def _expected(agent_id: uuid.UUID) -> RollupChanges:
    sums = RollupChanges()
    days = DailyActivity.objects.filter(end_user__agent_id=agent_id)
    by_day = days.values_list("end_user__platform", "day").annotate(*map(Sum, DAY_COLUMNS))
    for platform, day, *figures in by_day.order_by():
        sums.add_day(platform, day, figures)
    _add_details(days, sums)
    _add_gaps(days, sums)
    _add_cohorts(days, sums)
    _add_facets(agent_id, sums)
    contributions.include(agent_id, sums)
    return sums


def _add_facets(agent_id: uuid.UUID, sums: RollupChanges) -> None:
    end_users = EndUser.objects.filter(agent_id=agent_id)
    for facet, column in FACET_COLUMNS.items():
        for value, users in end_users.values_list(column).annotate(Count("id")).order_by():
            sums.facets[facet, value or ""] += users
    habits = end_users.filter(total_messages_sent__gt=0).values_list(
        "platform", "total_sessions", "total_messages_sent"
    )
    for platform, sessions, sent, users in habits.annotate(Count("id")).order_by().iterator():
        sums.facets["habit", habit(platform, sessions, sent)] += users
    tags = UserTag.objects.filter(agent_id=agent_id).values_list("name")
    for name, users in tags.annotate(Count("end_user_id")).order_by():
        sums.facets["tag", name] += users


def _add_details(days: "models.QuerySet[DailyActivity]", sums: RollupChanges) -> None:
    rows = days.values_list("end_user__platform", "day", "hours", "usage").order_by()
    for platform, day, hours, usage in rows.iterator(10_000):
        sums.add_detail(platform, day, Detail(hours, usage))


def _add_gaps(days: "models.QuerySet[DailyActivity]", sums: RollupChanges) -> None:
    previous = Window(Lag("day"), partition_by=[F("end_user_id")], order_by=[F("day").asc()])
    active = days.filter(messages_sent__gt=0).annotate(previous=previous)
    rows = active.values_list("end_user__platform", "day", "previous").order_by()
    for platform, day, before in rows.iterator(10_000):
        sums.gaps[platform, day, before or NO_DAY] += 1
        sums.active_users[platform, day] += 1
        if before is None:
            sums.new_users[platform, day] += 1


def _add_cohorts(days: "models.QuerySet[DailyActivity]", sums: RollupChanges) -> None:
    rows = (
        days.filter(messages_sent__gt=0)
        .annotate(week=TruncWeek("day"))
        .values_list("end_user__platform", "end_user__first_active_on", "week")
        .annotate(users=Count("end_user_id", distinct=True))
        .order_by()
    )
    for platform, first_day, week, users in rows:
        # A missing first day is reported by the check of the user's row; it has no cohort.
        if first_day is not None:
            sums.cohorts[platform, week_of(first_day), week] += users


def _subtract_stored(agent_id: uuid.UUID, sums: RollupChanges) -> None:
    stored = AgentDay.objects.filter(agent_id=agent_id)
    for platform, day, new, active, *figures in stored.values_list(
        "platform", "day", "new_users", "active_users", *DAY_COLUMNS
    ):
        sums.new_users[platform, day] -= new
        sums.active_users[platform, day] -= active
        sums.add_day(platform, day, figures, sign=-1)
    used = ModelDay.objects.filter(agent_id=agent_id)
    for platform, day, model_name, *numbers in used.values_list(
        "platform", "day", "model", *USAGE_COLUMNS
    ):
        sums.add_detail(platform, day, Detail(usage={model_name: numbers}), sign=-1)
    for name, (model, key, number) in _MODELS.items():
        counts: Counter[Any] = getattr(sums, name)
        rows = model._default_manager.filter(agent_id=agent_id).values_list(*key, number)
        for *found, value in rows:
            counts[tuple(found)] -= value
