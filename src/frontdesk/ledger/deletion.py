"""Deleting an agent with all its data, in the background.

Once its deletion is requested, the agent is hidden and nothing is recorded for it. Its users are
deleted first, in chunks; then the agent's own row, with everything that refers to it.
"""

import uuid

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from frontdesk.agents.models import Agent
from frontdesk.core import tasks
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import owned, users
from frontdesk.ledger.models import EndUser, Erasure

CHUNK = 200
"""Users that are removed in one transaction."""
ROWS = 5_000
"""Rows that are removed in one transaction from a user with many."""


def request_deletion(agent: Agent) -> None:
    """Hide the agent, and let the worker remove it. A second request keeps the first time."""
    with transaction.atomic():
        requested = Agent.objects.filter(id=agent.id, deleting_since=None)
        if requested.update(deleting_since=timezone.now()):
            delete_agent.enqueue(str(agent.id))


@task()
def delete_agent(agent_id: str) -> None:
    """Remove an agent whose deletion was requested. Safe to repeat."""
    agent = Agent.objects.filter(id=uuid.UUID(agent_id), deleting_since__isnull=False).first()
    if agent is None:
        return
    for user_id in _partly_erased(agent):
        _remove_history(agent.id, user_id)
    while not with_retries(_delete_when_empty)(agent.id):
        _delete_users(agent.id)


def resume() -> int:
    """Restart the deletions whose task was lost; returns how many."""
    wanted = Agent.objects.filter(deleting_since__isnull=False)
    return tasks.enqueue_missing(delete_agent, wanted.values_list("id", flat=True))


def _partly_erased(agent: Agent) -> list[uuid.UUID]:
    """Ids of users that are gone, but whose history is not."""
    running = Erasure.objects.filter(agent=agent, former_id__isnull=False)
    return [id_ for id_ in running.values_list("former_id", flat=True) if id_]


def _delete_users(agent_id: uuid.UUID) -> None:
    end_users = EndUser.objects.filter(agent_id=agent_id).order_by("id")
    found = list(end_users.values_list("id", "total_chat_messages")[:CHUNK])
    for user_id, messages in found:
        if messages > ROWS:
            _remove_history(agent_id, user_id)
    with_retries(_delete_chunk)(agent_id, [user_id for user_id, _ in found])


def _remove_history(agent_id: uuid.UUID, user_id: uuid.UUID) -> None:
    while with_retries(_remove_some)(agent_id, user_id):
        pass


def _remove_some(agent_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    users.lock_ids(agent_id, [user_id])
    return any(owned.remove_some(model, user_id, ROWS) for model in owned.GROWING)


def _delete_chunk(agent_id: uuid.UUID, ids: list[uuid.UUID]) -> None:
    users.lock_ids(agent_id, ids)
    owned.remove(owned.owned_tables(), ids)
    owned.remove_themselves(ids)


def _delete_when_empty(agent_id: uuid.UUID) -> bool:
    """Delete the agent unless it has users, such as those of a batch that started earlier."""
    agent = Agent.objects.select_for_update().filter(id=agent_id).first()
    if agent is not None and EndUser.objects.filter(agent_id=agent_id).exists():
        return False
    if agent is not None:
        agent.delete()
    return True
