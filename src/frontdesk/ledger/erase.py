"""Erasing a user: every row is removed, the agent's rollups stay, and a receipt records it.

One transaction removes the user from everything that is read, and writes the tombstone. The
sessions, days and messages of a large history, which nothing refers to any more, are removed later,
in chunks, in the background.
"""

import uuid

from django_tasks import task

from frontdesk.agents.models import Agent
from frontdesk.core import tasks
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import contributions, erasures, facets, linking, owned, reactions
from frontdesk.ledger.anonymize import anonymize
from frontdesk.ledger.models import EndUser, Erasure
from frontdesk.ledger.owned import owned_tables
from frontdesk.ledger.receipts import receipt, verify_receipt
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.tombstones import allow_return, tombstone_of

__all__ = [
    "allow_return",
    "anonymize",
    "erase",
    "owned_tables",
    "receipt",
    "tombstone_of",
    "verify_receipt",
]

CHUNK = 5_000
"""Rows that are removed in one transaction."""


def erase(agent: Agent, user_id: uuid.UUID, by: str, may_return: bool) -> Erasure:
    """Remove a user everywhere. A small history is gone on return; a large one is RUNNING.

    Reports of the identity are rejected from now on; with `may_return`, only reports of messages
    sent before the erasure are. Raises EndUser.DoesNotExist.
    """
    erasure = with_retries(_erase)(agent, user_id, by, may_return)
    if erasure.state == Erasure.State.RUNNING:
        remove_rest.enqueue(str(erasure.id))
    return erasure


@task()
def remove_rest(erasure_id: str) -> None:
    """Remove the rest of a large history. Safe to repeat."""
    while with_retries(_remove_chunk)(uuid.UUID(erasure_id)):
        pass


def resume() -> int:
    """Restart the erasures whose task was lost; returns how many."""
    running = Erasure.objects.filter(kind=Erasure.Kind.ERASE, state=Erasure.State.RUNNING)
    return tasks.enqueue_missing(remove_rest, running.values_list("id", flat=True))


def _erase(agent: Agent, user_id: uuid.UUID, by: str, may_return: bool) -> Erasure:
    user, erasure = erasures.start(agent, user_id, Erasure.Kind.ERASE, by, may_return)
    contribution = contributions.of_user(user)
    erasures.add_counts(erasure, owned.remove(owned.small_tables(), [user.id]))
    _remove_user(user, erasure)
    if erasure.total <= erasures.INLINE:
        erasures.add_counts(erasure, owned.remove(owned.GROWING, [user.id]))
        erasures.finish(erasure)
    else:
        erasure.save()
    counts = RollupChanges()
    facets.remove_user(user, counts)
    counts.save(agent.id)
    contributions.add(agent.id, contribution)
    return erasure


def _remove_user(user: EndUser, erasure: Erasure) -> None:
    erasures.add_counts(erasure, owned.remove_themselves([user.id]))
    reactions.remove_others(user.id)
    if user.person_id:
        linking.dissolve_if_single(user.person_id)


def _remove_chunk(erasure_id: uuid.UUID) -> bool:
    """Remove some rows, or finish the erasure; returns whether there may be more to do."""
    erasure = erasures.lock_running(erasure_id, Erasure.Kind.ERASE)
    if erasure is None or erasure.former_id is None:
        return False
    for model in owned.GROWING:
        removed = owned.remove_some(model, erasure.former_id, CHUNK)
        erasures.add_counts(erasure, {model._meta.db_table: removed})
        if removed:
            erasure.save()
            return True
    erasures.finish(erasure)
    return False
