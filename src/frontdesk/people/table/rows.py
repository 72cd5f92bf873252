"""What a row of the list shows in addition to the user's own columns: plan, tags, block, limit."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from frontdesk.agents.limits import LIMITS
from frontdesk.agents.models import Agent, Plan, Tag
from frontdesk.gate import blocks
from frontdesk.gate.models import Block, NearLimit
from frontdesk.ledger.models import EndUser


class TagBadge(NamedTuple):
    """A tag of a user. Assigned tags have the agent's color."""

    name: str
    color: str
    is_reported: bool


@dataclass(frozen=True)
class PlanAndTagNames:
    """The agent's plans by key, and the colors of its tags."""

    plans: dict[str, Plan]
    colors: dict[str, str]

    @classmethod
    def of(cls, agent: Agent) -> "PlanAndTagNames":
        plans = {plan.key: plan for plan in Plan.objects.filter(agent=agent)}
        return cls(plans, dict(Tag.objects.filter(agent=agent).values_list("name", "color")))

    def plan_name(self, key: str) -> str:
        """The name of a plan, or its key if the agent has no such plan."""
        return self.plans[key].name if key in self.plans else key

    def tags(self, user: EndUser) -> list[TagBadge]:
        """Assigned tags first. A tag that was also reported counts as assigned."""
        reported = [name for name in user.tags if name not in user.assigned_tags]
        return [
            TagBadge(name, self.colors.get(name, "grey"), is_reported)
            for names, is_reported in ((user.assigned_tags, False), (reported, True))
            for name in sorted(names)
        ]


class Row(NamedTuple):
    """A user in the list."""

    person: EndUser
    plan: Plan | None
    tags: list[TagBadge]
    block: Block | None
    near_limit: NearLimit | None

    @property
    def handle(self) -> str:
        """The second line of the name's cell."""
        if self.person.is_anonymous_person:
            return _("anonymous")
        return f"@{self.person.username}" if self.person.name and self.person.username else ""

    @property
    def near_limit_title(self) -> str:
        """Such as "Messages per day"."""
        kind = LIMITS.get(self.near_limit.limit) if self.near_limit else None
        return str(kind.title) if kind else ""


def rows(names: PlanAndTagNames, users: Sequence[EndUser]) -> list[Row]:
    """The rows of these users, with the same few queries for any number of users."""
    ids = [user.id for user in users]
    blocked, near_limits = blocks.current(ids), _near_limits(ids)
    return [
        Row(
            user,
            names.plans.get(user.subscription or ""),
            names.tags(user),
            blocked.get(user.id),
            near_limits.get(user.id),
        )
        for user in users
    ]


def _near_limits(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, NearLimit]:
    return {mark.end_user_id: mark for mark in NearLimit.objects.filter(end_user_id__in=ids)}
