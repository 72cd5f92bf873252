"""Rebuilding an agent's derived numbers in the background, after a change of zone or timeout."""

import uuid

from django.utils import timezone
from django_tasks import task

from frontdesk.agents.models import Agent
from frontdesk.ledger.recount import recount


def request(agent: Agent) -> None:
    """Have the worker rebuild the agent's derived numbers; pages say so until it is done."""
    agent.rebuilding_since = timezone.now()
    agent.save(update_fields=["rebuilding_since"])
    rebuild.enqueue(str(agent.id))


@task()
def rebuild(agent_id: str) -> None:
    """Recount, and say that it is done unless another change has come since. Safe to repeat."""
    agent = Agent.objects.get(id=uuid.UUID(agent_id))
    since = agent.rebuilding_since
    recount(agent)
    Agent.objects.filter(id=agent.id, rebuilding_since=since).update(rebuilding_since=None)
