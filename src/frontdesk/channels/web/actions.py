"""Operators' actions on an agent's web chat, one function for each."""

import secrets
from collections.abc import Collection

from frontdesk import audit
from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.channels.web.models import WebChat
from frontdesk.core.encryption import encrypt


def open_chat(actor: Actor, agent: Agent) -> None:
    """Open the page and the widget. The gate decides who may write."""
    WebChat.objects.update_or_create(agent=agent, defaults={"is_on": True})
    audit.record(actor, "open_web_chat", agent.id)


def close_chat(actor: Actor, agent: Agent) -> None:
    """Close the page and the widget; conversations stay."""
    WebChat.objects.filter(agent=agent).update(is_on=False)
    audit.record(actor, "close_web_chat", agent.id)


def save_chat(actor: Actor, chat: WebChat, columns: Collection[str]) -> None:
    """Save these columns and no others."""
    if not columns:
        return
    values = {column: getattr(chat, column) for column in columns}
    WebChat.objects.update_or_create(agent=chat.agent, defaults=values)
    audit.record(actor, "save_web_chat", chat.agent_id, columns=",".join(sorted(columns)))


def make_secret(actor: Actor, agent: Agent) -> str:
    """A new secret to sign visitors with, shown only once; the old one ends at once."""
    secret = secrets.token_urlsafe(32)
    WebChat.objects.update_or_create(agent=agent, defaults={"secret": encrypt(secret)})
    audit.record(actor, "make_web_secret", agent.id)
    return secret


def remove_secret(actor: Actor, agent: Agent) -> None:
    """Accept no signed visitors any longer, including those who are signed in now."""
    WebChat.objects.filter(agent=agent).update(secret="")
    audit.record(actor, "remove_web_secret", agent.id)
