"""Actions on an agent that change what is kept of its users."""

from collections.abc import Collection

from django.db import transaction

from frontdesk import audit
from frontdesk.agents.actions import write_named
from frontdesk.agents.models import Agent, Plan, Tag
from frontdesk.audit import Actor
from frontdesk.ledger import deletion, rebuild, relabel

REBUILDING = {"time_zone", "session_timeout"}
"""Columns on which sessions and daily figures depend."""


def save_agent(actor: Actor, agent: Agent, columns: Collection[str]) -> None:
    """Write these columns of the agent; a new zone or timeout has the numbers rebuilt."""
    if not columns:
        return
    with transaction.atomic():
        agent.save(update_fields=columns)
        if REBUILDING & {*columns}:
            rebuild.request(agent)
    audit.record(actor, "save_agent", agent.id, columns=",".join(sorted(columns)))


def delete_agent(actor: Actor, agent: Agent) -> None:
    """Hide the agent at once, and remove it with all that belongs to it in the background."""
    deletion.request_deletion(agent)
    audit.record(actor, "delete_agent", agent.id)


def delete_plan(actor: Actor, plan: Plan) -> None:
    """Remove a plan, and take it from the users that operators gave it to, in the background."""
    agent_id, plan_id, key = plan.agent_id, plan.id, plan.key
    with transaction.atomic():
        plan.delete()
        relabel.request_plan_removal(agent_id, key)
    audit.record(actor, "delete_plan", agent_id, plan=plan_id)


def save_tag(actor: Actor, tag: Tag, old_name: str = "") -> None:
    """Make or change a tag; under a new name its users get that name, in the background.

    Raises TakenError for its name.
    """
    with transaction.atomic():
        write_named(tag)
        if old_name and old_name != tag.name:
            relabel.request_tag_change(tag.agent_id, old_name, tag.name)
    audit.record(actor, "save_tag", tag.agent_id, tag=tag.id)


def delete_tag(actor: Actor, tag: Tag) -> None:
    """Remove a tag, and take it off the users that operators put it on, in the background."""
    agent_id, tag_id, name = tag.agent_id, tag.id, tag.name
    with transaction.atomic():
        tag.delete()
        relabel.request_tag_change(agent_id, name, "")
    audit.record(actor, "delete_tag", agent_id, tag=tag_id)
