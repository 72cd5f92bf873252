"""Which process may answer a message: one at a time, until its lease ends.

Rows of Answering, like all rows of an end user, are created under the user's lock, so a process
that gets the lease has seen every recorded answer.
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
    record_reply,
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


def acquire(
    agent: Agent, event: Event, *, again: bool, owner: uuid.UUID = OWNER
) -> int | Message | None:
    """The number of the attempt that this process makes now, or the answer if there is one.

    None: another process is answering; ask again soon. `again` allows another attempt after a
    failed answer, up to MAX_ATTEMPTS. Raises EndUser.DoesNotExist if the person was erased
    in the meantime.
    """
    return with_retries(_acquire)(agent, event, again, owner)


def record_and_release(
    agent: Agent, event: Event, answer: Answer, attempt: int
) -> tuple[Event | None, Outcome | None]:
    """Record the answer, if there is anything to record, and end our lease, in one transaction."""
    return with_retries(_record_and_release)(agent, event, answer, attempt)


def renew(held: Collection[tuple[uuid.UUID, uuid.UUID]]) -> set[uuid.UUID]:
    """Renew our leases for these (user, message) pairs; returns the messages that are still ours.

    It updates existing rows only, so it needs no lock on users.
    """
    users_ids = {user for user, _ in held}
    ours = Answering.objects.filter(owner=OWNER, end_user_id__in=users_ids, until__gt=NEVER)
    ours.update(until=timezone.now() + LEASE)
    return set(ours.values_list("message_id", flat=True))


def ask_to_stop(user: uuid.UUID, message: uuid.UUID) -> None:
    """End the lease of the process that answers this message, which then stops."""
    Answering.objects.filter(end_user_id=user, message_id=message).update(until=NEVER)


def _acquire(agent: Agent, event: Event, again: bool, owner: uuid.UUID) -> int | Message | None:
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
    agent: Agent, event: Event, answer: Answer, attempt: int
) -> tuple[Event | None, Outcome | None]:
    user = user_id(agent.id, event.platform, event.external_id)
    reply, outcome = None, None
    if answer.is_worth_keeping:
        reply = answer_event(event, answer, attempt)
        outcome = record_reply(agent, event, reply)
    else:
        users.lock_ids(agent.id, [user])
    ours = Answering.objects.filter(end_user_id=user, message_id=key_of(agent, event), owner=OWNER)
    ours.delete()
    return reply, outcome
