"""The common start, progress and end of erasing and anonymizing."""

import uuid

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger import linking, owned, tombstones
from frontdesk.ledger.models import EndUser, Erasure

INLINE = 5_000
"""Up to this many rows, it is done while the operator waits."""


def start(
    agent: Agent, user_id: uuid.UUID, kind: Erasure.Kind, by: str, may_return: bool
) -> tuple[EndUser, Erasure]:
    """Lock the user and all linked users, and write the tombstone.

    After the commit, reports of the identity are rejected. Raises EndUser.DoesNotExist.
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


def lock_running(erasure_id: uuid.UUID, kind: Erasure.Kind) -> Erasure | None:
    """The erasure, locked so that two tasks take turns; None if it is done."""
    running = Erasure.objects.filter(id=erasure_id, kind=kind, state=Erasure.State.RUNNING)
    return running.select_for_update().first()


def add_counts(erasure: Erasure, counts: owned.Counts) -> None:
    """Add to the numbers of rows that were removed or moved."""
    for table, rows in counts.items():
        erasure.tables[table] = erasure.tables.get(table, 0) + rows


def finish(erasure: Erasure) -> None:
    """Mark the erasure as done. From now on it is a receipt that identifies no one."""
    erasure.state = Erasure.State.DONE
    erasure.former_id = None
    erasure.finished_at = timezone.now()
    erasure.save()
