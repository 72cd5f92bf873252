"""How many Persons users are: every figure counts identities, and linked ones are one Person."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import ngettext

from frontdesk.agents.models import Agent
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.core.formats import number
from frontdesk.core.sql.budget import TooSlowError, time_budget
from frontdesk.ledger.models import DailyActivity, EndUser, Person

BUDGET = 1.0
"""Seconds. Links are not in the rollups, so this reads the linked users."""
MAX_PERSONS = 20_000
"""More Persons are not counted."""

ALL = "all"
"""The group of all users."""


@dataclass(frozen=True)
class Linked:
    """The linked identities in groups of users, and the Persons whose identities they are, both by
    the name of the group."""

    identities: Counter[str] = field(default_factory=Counter)
    persons: Counter[str] = field(default_factory=Counter)

    def among(self, name: str, users: int) -> int:
        """How many Persons these users are, who are the group of this name."""
        return users - self.identities[name] + self.persons[name]

    def note(self, name: str, users: int) -> str:
        """The note beside the number of a group's users: their Persons, if they are fewer."""
        persons = self.among(name, users)
        if persons == users:
            return ""
        text = ngettext("%(count)s person", "%(count)s persons", persons)
        return text % {"count": number(persons)}

    @classmethod
    def total(cls, parts: Iterable["Linked"]) -> "Linked":
        """Of several agents: a Person belongs to one of them."""
        total = cls()
        for part in parts:
            total.identities.update(part.identities)
            total.persons.update(part.persons)
        return total


def active_in(period: Period) -> Q:
    """Users who sent a message in the period."""
    days = DailyActivity.objects.filter(
        end_user=OuterRef("id"), day__range=period, messages_sent__gt=0
    )
    return Q(Exists(days))


def new_in(period: Period) -> Q:
    """Users who sent their first message in the period."""
    return Q(first_active_on__range=period)


def linked_by_agent(
    agents: Sequence[Agent] | Sequence[uuid.UUID], groups: Mapping[str, Q], platform: str = ""
) -> dict[uuid.UUID, Linked] | None:
    """The linked users of each agent in these groups and in `ALL`. Agents without any are left out.

    None: there are too many to count them.
    """
    persons = Person.objects.filter(agent__in=agents)
    if not persons.exists():
        return {}
    # By person, and without the agent: with it, SQLite would read all users of the agent.
    users = EndUser.objects.filter(person_id__in=persons.values("id"))
    if platform:
        users = users.filter(platform=platform)
    counts = {f"of_{name}": Count("id", filter=group) for name, group in groups.items()}
    rows = users.values_list("agent_id", "person_id").annotate(Count("id"), **counts).order_by()
    try:
        with time_budget(BUDGET):
            found = list(rows[: MAX_PERSONS + 1])
    except TooSlowError:
        return None
    return None if len(found) > MAX_PERSONS else _by_agent(found, [ALL, *groups])


def linked_in(scope: Scope, groups: Mapping[str, Q]) -> Linked | None:
    """The linked users of all agents of the scope together. None: too many to count them."""
    by_agent = linked_by_agent(scope.agents, groups, scope.platform)
    return None if by_agent is None else Linked.total(by_agent.values())


def _by_agent(
    persons: Iterable[tuple[uuid.UUID, uuid.UUID, *tuple[int, ...]]], groups: Sequence[str]
) -> dict[uuid.UUID, Linked]:
    """From a row for each Person: how many of their identities are in each group."""
    by_agent: dict[uuid.UUID, Linked] = defaultdict(Linked)
    for agent_id, _person_id, *identities in persons:
        linked = by_agent[agent_id]
        for name, count in zip(groups, identities, strict=True):
            linked.identities[name] += count
            linked.persons[name] += count > 0
    return by_agent
