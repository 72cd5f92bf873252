"""Rebuilding an agent's derived numbers in the background.

Wanted after a change of zone or session timeout, and by an upgrade that keeps more numbers.
"""

import uuid

from django.utils import timezone
from django_tasks import task

from frontdesk.agents.models import Agent
from frontdesk.core.tasks import enqueue_missing
from frontdesk.ledger.recount import recount


def request(agent: Agent) -> None:
    """Have the worker rebuild the agent's derived numbers; pages say so until it is done."""
    agent.rebuilding_since = timezone.now()
    agent.save(update_fields=["rebuilding_since"])
    rebuild.enqueue(str(agent.id))


def resume() -> int:
    """Ask again for the rebuilds that are wanted and have no task: an upgrade's, and lost ones."""
    wanted = Agent.objects.exclude(rebuilding_since=None).values_list("id", flat=True)
    return enqueue_missing(rebuild, wanted)


@task()
def rebuild(agent_id: str) -> None:
    """Recount, and say that it is done unless another change has come since. Safe to repeat."""
    agent = Agent.objects.get(id=uuid.UUID(agent_id))
    since = agent.rebuilding_since
    recount(agent)
    Agent.objects.filter(id=agent.id, rebuilding_since=since).update(rebuilding_since=None)
