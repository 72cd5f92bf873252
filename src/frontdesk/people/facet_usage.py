"""How many users have each plan or tag, and the reported ones that the agent does not have."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from frontdesk.agents.models import Plan, Tag
from frontdesk.ledger.models import FacetCount

MAX_REPORTED = 100
"""The most values that are listed if only reported: the most frequent ones."""

T = TypeVar("T", Plan, Tag)


@dataclass(frozen=True)
class Counted(Generic[T]):
    """A plan or a tag, and how many users have it."""

    item: T
    users: int


def users_of(agent_id: uuid.UUID, facet: str, values: Collection[str]) -> dict[str, int]:
    """How many users have each of these values; values that no one has are left out."""
    found = FacetCount.objects.filter(agent_id=agent_id, facet=facet, value__in=values)
    return dict(found.values_list("value", "users"))


def count_plans(agent_id: uuid.UUID, plans: Iterable[Plan]) -> Sequence[Counted[Plan]]:
    plans = list(plans)
    users = users_of(agent_id, FacetCount.Facet.PLAN, [plan.key for plan in plans])
    return [Counted(plan, users.get(plan.key, 0)) for plan in plans]


def count_tags(agent_id: uuid.UUID, tags: Iterable[Tag]) -> Sequence[Counted[Tag]]:
    tags = list(tags)
    users = users_of(agent_id, FacetCount.Facet.TAG, [tag.name for tag in tags])
    return [Counted(tag, users.get(tag.name, 0)) for tag in tags]


def reported_only(agent_id: uuid.UUID, facet: str, known: Collection[str]) -> list[tuple[str, int]]:
    """The values that users have and that are not in `known`, most frequent first."""
    found = FacetCount.objects.filter(agent_id=agent_id, facet=facet, users__gt=0).exclude(value="")
    rows = found.order_by("-users", "value").values_list("value", "users")
    unknown = [
        (value, users) for value, users in rows[: MAX_REPORTED + len(known)] if value not in known
    ]
    return unknown[:MAX_REPORTED]
