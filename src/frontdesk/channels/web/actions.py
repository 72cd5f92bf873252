"""Everything that an operator may do to an agent's web chat: one function for each act."""

import secrets
from collections.abc import Collection

from frontdesk import audit
from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.channels.web.models import WebChat
from frontdesk.core.encryption import encrypt


def open_chat(actor: Actor, agent: Agent) -> None:
    """Let people in; who may write is the gate's to say."""
    WebChat.objects.update_or_create(agent=agent, defaults={"is_on": True})
    audit.record(actor, "open_web_chat", agent.id)


def close_chat(actor: Actor, agent: Agent) -> None:
    """Take the page and the widget away; what was said stays."""
    WebChat.objects.filter(agent=agent).update(is_on=False)
    audit.record(actor, "close_web_chat", agent.id)


def save_chat(actor: Actor, chat: WebChat, columns: Collection[str]) -> None:
    """Write these columns, and no others."""
    if not columns:
        return
    values = {column: getattr(chat, column) for column in columns}
    WebChat.objects.update_or_create(agent=chat.agent, defaults=values)
    audit.record(actor, "save_web_chat", chat.agent_id, columns=",".join(sorted(columns)))


def make_secret(actor: Actor, agent: Agent) -> str:
    """A new secret to sign visitors with, which is shown this once; one before it ends at once."""
    secret = secrets.token_urlsafe(32)
    WebChat.objects.update_or_create(agent=agent, defaults={"secret": encrypt(secret)})
    audit.record(actor, "make_web_secret", agent.id)
    return secret


def remove_secret(actor: Actor, agent: Agent) -> None:
    """From now on no visitor is known by a signature, not even those who were so far."""
    WebChat.objects.filter(agent=agent).update(secret="")
    audit.record(actor, "remove_web_secret", agent.id)
