"""Whose turn it is to answer a message: one process' at a time, until its lease ends.

Rows of Answering are made, like all rows of an end user, under the user's lock; so whoever takes
the lease has seen every answer there is.
"""

import datetime as dt
import uuid
from collections.abc import Collection

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.channels.conversation import (
    MAX_ATTEMPTS,
    answer_event,
    find_answers,
    key_of,
    record_beside,
)
from frontdesk.channels.models import Answering
from frontdesk.core.sql import bulk
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import users
from frontdesk.ledger.events import Event, Outcome, user_id
from frontdesk.ledger.models import NEVER, EndUser, Message

LEASE = dt.timedelta(seconds=25)
OWNER = uuid.uuid4()
"""This process."""


def take(
    agent: Agent, event: Event, *, again: bool, owner: uuid.UUID = OWNER
) -> int | Message | None:
    """The number of the attempt that is ours to make now, or the answer that is there already.

    None: another process is answering; ask again soon. With `again` an answer that failed is
    followed by another attempt, up to MAX_ATTEMPTS. Raises EndUser.DoesNotExist for a
    person who was erased in the meantime.
    """
    return with_retries(_take)(agent, event, again, owner)


def record_and_release(
    agent: Agent, event: Event, given: Answer, attempt: int
) -> tuple[Event | None, Outcome | None]:
    """Record what was answered, if anything was, and end our lease, in one transaction."""
    return with_retries(_record_and_release)(agent, event, given, attempt)


def renew(held: Collection[tuple[uuid.UUID, uuid.UUID]]) -> set[uuid.UUID]:
    """Prolong our leases of these (user, message); returns the messages that are still ours.

    Only rows that are there are written, so this needs no user's lock.
    """
    users_ids = {user for user, _ in held}
    ours = Answering.objects.filter(owner=OWNER, end_user_id__in=users_ids, until__gt=NEVER)
    ours.update(until=timezone.now() + LEASE)
    return set(ours.values_list("message_id", flat=True))


def ask_to_stop(user: uuid.UUID, message: uuid.UUID) -> None:
    """End the lease of the process that answers this message; it stops when it sees that."""
    Answering.objects.filter(end_user_id=user, message_id=message).update(until=NEVER)


def _take(agent: Agent, event: Event, again: bool, owner: uuid.UUID) -> int | Message | None:
    user, key = user_id(agent.id, event.platform, event.external_id), key_of(agent, event)
    if not users.lock_ids(agent.id, [user]):
        raise EndUser.DoesNotExist(f"user {user} is no longer there")
    answers = find_answers(agent, event)
    may_try = not answers or (again and answers[-1].failed and len(answers) < MAX_ATTEMPTS)
    if not may_try:
        return answers[-1]
    now = timezone.now()
    held = Answering.objects.filter(end_user_id=user, message_id=key, until__gt=now)
    if held.exclude(owner=owner).exists():
        return None
    row = (user, key, owner, now + LEASE)
    bulk.upsert(Answering, ["end_user_id", "message_id"], ["owner", "until"], [row])
    return len(answers) + 1


def _record_and_release(
    agent: Agent, event: Event, given: Answer, attempt: int
) -> tuple[Event | None, Outcome | None]:
    user = user_id(agent.id, event.platform, event.external_id)
    answered, outcome = None, None
    if given.is_worth_keeping:
        answered = answer_event(event, given, attempt)
        outcome = record_beside(agent, event, answered)
    else:
        users.lock_ids(agent.id, [user])
    ours = Answering.objects.filter(end_user_id=user, message_id=key_of(agent, event), owner=OWNER)
    ours.delete()
    return answered, outcome
