"""Whose profile a page shows: one end user, or all identities of a Person together."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from frontdesk.accounts.access import get_agent_for
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, Person


@dataclass(frozen=True)
class Subject:
    """The identities that a profile is about, the one seen last first, and their Person if all."""

    agent: Agent
    users: Sequence[EndUser]
    person: Person | None = None

    @cached_property
    def main(self) -> EndUser:
        """Who stands for all in the head: the identity seen last that told a name."""
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
    """An agent that this operator may see, and the user of it; raises Http404 for all else."""
    agent = get_agent_for(operator, agent_id)
    return agent, get_object_or_404(EndUser, agent=agent, id=user_id)


def get_person_for(
    operator: Operator | AnonymousUser, agent_id: uuid.UUID, person_id: uuid.UUID
) -> Subject:
    """All identities of a Person of such an agent; raises Http404 for all else."""
    agent = get_agent_for(operator, agent_id)
    person = get_object_or_404(Person, agent=agent, id=person_id)
    # A Person is of one agent; with the agent in the statement SQLite would read all of its users.
    users = EndUser.objects.filter(person_id=person.id)
    found = list(users.order_by("-last_message_at", "-id"))
    if not found:  # the last was unlinked or erased this moment
        raise Http404("This person has no identities any more.")
    return Subject(agent, found, person)


@contextmanager
def still_there() -> Iterator[None]:
    """An act on a user who was erased this moment is answered as one on nobody: Http404."""
    try:
        yield
    except EndUser.DoesNotExist:
        raise Http404("This user is no longer there.") from None


def profile_url(user: EndUser) -> str:
    """The address of a user's profile."""
    return reverse("users:user", args=[user.agent_id, user.id])
