"""Rebuilding an agent's derived numbers in the background.

Needed after a change of zone or session timeout, and after an upgrade that adds numbers.
"""

import uuid

from django.utils import timezone
from django_tasks import task

from frontdesk.agents.models import Agent
from frontdesk.core.tasks import enqueue_missing
from frontdesk.ledger.recount import recount


def request(agent: Agent) -> None:
    """Let the worker rebuild the agent's derived numbers. Pages say so until it is done."""
    agent.rebuilding_since = timezone.now()
    agent.save(update_fields=["rebuilding_since"])
    rebuild.enqueue(str(agent.id))


def resume() -> int:
    """Enqueue the rebuilds that are needed and have no task: an upgrade's, and lost ones."""
    wanted = Agent.objects.exclude(rebuilding_since=None).values_list("id", flat=True)
    return enqueue_missing(rebuild, wanted)


@task()
def rebuild(agent_id: str) -> None:
    """Recount, and mark it as done unless it was requested again since. Safe to repeat."""
    agent = Agent.objects.get(id=uuid.UUID(agent_id))
    since = agent.rebuilding_since
    recount(agent)
    Agent.objects.filter(id=agent.id, rebuilding_since=since).update(rebuilding_since=None)
