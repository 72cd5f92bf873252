"""Everything that an operator or an API key can do to an agent: one function for each action.

The forms have validated the input; these functions apply and audit it. Each writes only the columns
that it changes, so that two sections of the settings saved at once do not overwrite each other.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from frontdesk import audit
from frontdesk.agents import invitees
from frontdesk.agents.invitees import Invitation
from frontdesk.agents.models import Agent, AgentText, ApiKey, Invitee, Plan, Tag
from frontdesk.audit import Actor


class TakenError(Exception):
    """Another row has the key or name."""


def create_agent(actor: Actor, agent: Agent) -> Agent:
    agent.save(force_insert=True)
    audit.record(actor, "create_agent", agent.id)
    return agent


def pause(actor: Actor, agent: Agent) -> None:
    """Stop answering until the agent is resumed. Pausing it again keeps the first time."""
    _set_time(actor, "pause", agent, "paused_at", timezone.now())


def resume(actor: Actor, agent: Agent) -> None:
    _set_time(actor, "resume", agent, "paused_at", None)


def archive(actor: Actor, agent: Agent) -> None:
    """Remove the agent from the list of agents. Archiving it again keeps the first time."""
    _set_time(actor, "archive", agent, "archived_at", timezone.now())


def unarchive(actor: Actor, agent: Agent) -> None:
    _set_time(actor, "unarchive", agent, "archived_at", None)


def save_plan(actor: Actor, plan: Plan) -> None:
    """Create or change a plan; its key never changes. Raises TakenError if the key is in use."""
    write_named(plan)
    audit.record(actor, "save_plan", plan.agent_id, plan=plan.id)


def save_texts(actor: Actor, agent: Agent, language: str, texts: Mapping[str, str]) -> None:
    """Set the texts of these occasions in one language. An empty one restores the built-in text."""
    with transaction.atomic():
        emptied = [occasion for occasion, text in texts.items() if not text]
        agent.texts.filter(language=language, occasion__in=emptied).delete()
        AgentText.objects.bulk_create(
            [
                AgentText(agent=agent, occasion=occasion, language=language, text=text)
                for occasion, text in texts.items()
                if text
            ],
            update_conflicts=True,
            unique_fields=["agent", "occasion", "language"],
            update_fields=["text"],
        )
    audit.record(actor, "save_texts", agent.id, language=language)


def issue_key(actor: Actor, agent: Agent, name: str, scopes: list[str]) -> tuple[ApiKey, str]:
    """Create a key; returns it with its token, which can never be shown again."""
    key, token = ApiKey.issue(agent, name, scopes)
    audit.record(actor, "issue_key", agent.id, key=key.id, scopes=",".join(key.scopes))
    return key, token


def revoke_key(actor: Actor, key: ApiKey) -> None:
    key.revoke()
    audit.record(actor, "revoke_key", key.agent_id, key=key.id)


def invite(actor: Actor, agent: Agent, invitations: Iterable[Invitation]) -> int:
    """Add these to the list of invited people; returns how many are new."""
    added = invitees.add(agent, invitations)
    audit.record(actor, "invite", agent.id, added=added)
    return added


def uninvite(actor: Actor, invitee: Invitee) -> None:
    agent_id, invitee_id = invitee.agent_id, invitee.id
    invitee.delete()
    audit.record(actor, "uninvite", agent_id, invitee=invitee_id)


def uninvite_all(actor: Actor, agent: Agent) -> int:
    """Empty the list of invited people; returns how many were on it."""
    removed, _ = agent.invitees.all().delete()
    audit.record(actor, "uninvite_all", agent.id, removed=removed)
    return removed


def write_named(row: Plan | Tag) -> None:
    """Insert the row, or update it if it still exists: a row deleted since stays deleted."""
    rows = type(row)._default_manager
    try:
        with transaction.atomic():
            if row._state.adding or rows.select_for_update().filter(pk=row.pk).exists():
                row.save()
    except IntegrityError:
        raise TakenError from None


def _set_time(
    actor: Actor, action: str, agent: Agent, column: str, value: dt.datetime | None
) -> None:
    """Set or clear the time of a state. An agent already in that state keeps its time."""
    if bool(getattr(agent, column)) == bool(value):
        return
    setattr(agent, column, value)
    agent.save(update_fields=[column])
    audit.record(actor, action, agent.id)
