"""What erasing and anonymizing have in common: how they begin, how they end, and what is kept."""

import uuid

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger import linking, owned, tombstones
from frontdesk.ledger.models import EndUser, Erasure

INLINE = 5_000
"""Rows up to which it is done while the operator waits."""


def begin(
    agent: Agent, user_id: uuid.UUID, kind: Erasure.Kind, by: str, may_return: bool
) -> tuple[EndUser, Erasure]:
    """Lock the user, with all that are linked with them, and write the tombstone.

    From the commit on, reports of the identity are rejected. Raises EndUser.DoesNotExist.
    """
    user = linking.lock_identities(agent.id, [user_id]).get(user_id)
    if user is None:
        raise EndUser.DoesNotExist("This user is no longer there.")
    now = timezone.now()
    digest = tombstones.digest_of(agent.id, user.platform, user.external_id)
    tombstones.create_tombstone(agent.id, digest, now, may_return)
    erasure = Erasure(
        agent=agent,
        kind=kind,
        digest=digest,
        former_id=user.id,
        requested_by=by,
        requested_at=now,
        total=owned.count(user.id),
    )
    return user, erasure


def take(erasure_id: uuid.UUID, kind: Erasure.Kind) -> Erasure | None:
    """Lock an erasure that is not done yet, so that two tasks take turns at it."""
    running = Erasure.objects.filter(id=erasure_id, kind=kind, state=Erasure.State.RUNNING)
    return running.select_for_update().first()


def add_counts(erasure: Erasure, counts: owned.Counts) -> None:
    """Note that so many more rows are done."""
    for table, rows in counts.items():
        erasure.tables[table] = erasure.tables.get(table, 0) + rows


def finish(erasure: Erasure) -> None:
    """From now on it is a receipt, and leads to no one."""
    erasure.state = Erasure.State.DONE
    erasure.former_id = None
    erasure.finished_at = timezone.now()
    erasure.save()
