"""The subject of a profile: one end user, or all identities of a Person together."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from frontdesk.accounts.access import get_agent_for
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, Person


@dataclass(frozen=True)
class Subject:
    """The identities that a profile is about, last seen first; `person` if it is all of them."""

    agent: Agent
    users: Sequence[EndUser]
    person: Person | None = None

    @cached_property
    def main(self) -> EndUser:
        """The identity shown in the header: the last seen one that has a name."""
        return next((user for user in self.users if not user.is_anonymous_person), self.users[0])

    @cached_property
    def ids(self) -> list[uuid.UUID]:
        return [user.id for user in self.users]

    @cached_property
    def by_id(self) -> dict[uuid.UUID, EndUser]:
        return {user.id: user for user in self.users}


def get_user_for(
    operator: Operator | AnonymousUser, agent_id: uuid.UUID, user_id: uuid.UUID
) -> tuple[Agent, EndUser]:
    """An agent that this operator may see, and one of its users. Raises Http404 otherwise."""
    agent = get_agent_for(operator, agent_id)
    return agent, get_object_or_404(EndUser, agent=agent, id=user_id)


def get_person_for(
    operator: Operator | AnonymousUser, agent_id: uuid.UUID, person_id: uuid.UUID
) -> Subject:
    """All identities of a Person of such an agent. Raises Http404 otherwise."""
    agent = get_agent_for(operator, agent_id)
    person = get_object_or_404(Person, agent=agent, id=person_id)
    # A Person belongs to one agent. With the agent in the query, SQLite would read all its users.
    users = EndUser.objects.filter(person_id=person.id)
    found = list(users.order_by("-last_message_at", "-id"))
    if not found:  # the last one was unlinked or erased a moment ago
        raise Http404(_("This person no longer has any identities."))
    return Subject(agent, found, person)


@contextmanager
def not_found_if_erased() -> Iterator[None]:
    """Raises Http404 if the user of an action was erased a moment ago."""
    try:
        yield
    except EndUser.DoesNotExist:
        raise Http404(_("This user no longer exists.")) from None


def profile_url(user: EndUser) -> str:
    """The address of a user's profile."""
    return reverse("users:user", args=[user.agent_id, user.id])
