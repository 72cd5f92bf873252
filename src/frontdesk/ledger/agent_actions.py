"""Actions on an agent that also change its users' data."""

from collections.abc import Collection

from django.db import transaction

from frontdesk import audit
from frontdesk.agents.actions import write_named
from frontdesk.agents.models import Agent, Plan, Tag
from frontdesk.audit import Actor
from frontdesk.ledger import deletion, rebuild, relabel

REBUILDING = {"time_zone", "session_timeout"}
"""The columns that sessions and daily numbers depend on."""


def save_agent(actor: Actor, agent: Agent, columns: Collection[str]) -> None:
    """Write these columns of the agent; a new zone or timeout starts a rebuild of the numbers."""
    if not columns:
        return
    with transaction.atomic():
        agent.save(update_fields=columns)
        if REBUILDING & {*columns}:
            rebuild.request(agent)
    audit.record(actor, "save_agent", agent.id, columns=",".join(sorted(columns)))


def delete_agent(actor: Actor, agent: Agent) -> None:
    """Hide the agent at once, and remove it with all its data in the background."""
    deletion.request_deletion(agent)
    audit.record(actor, "delete_agent", agent.id)


def delete_plan(actor: Actor, plan: Plan) -> None:
    """Delete a plan; its assignments to users are removed in the background."""
    agent_id, plan_id, key = plan.agent_id, plan.id, plan.key
    with transaction.atomic():
        plan.delete()
        relabel.request_plan_removal(agent_id, key)
    audit.record(actor, "delete_plan", agent_id, plan=plan_id)


def save_tag(actor: Actor, tag: Tag, old_name: str = "") -> None:
    """Create or change a tag; its users get a new name in the background.

    Raises TakenError if another tag has the name.
    """
    with transaction.atomic():
        write_named(tag)
        if old_name and old_name != tag.name:
            relabel.request_tag_change(tag.agent_id, old_name, tag.name)
    audit.record(actor, "save_tag", tag.agent_id, tag=tag.id)


def delete_tag(actor: Actor, tag: Tag) -> None:
    """Delete a tag; its assignments to users are removed in the background."""
    agent_id, tag_id, name = tag.agent_id, tag.id, tag.name
    with transaction.atomic():
        tag.delete()
        relabel.request_tag_change(agent_id, name, "")
    audit.record(actor, "delete_tag", agent_id, tag=tag_id)
