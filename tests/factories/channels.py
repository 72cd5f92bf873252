"""The channels of an agent, and its backend."""

from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.web.models import WebChat
from frontdesk.core.encryption import encrypt

BACKEND_KEY = "sk-very-secret-key"


def make_backend(
    agent: Agent, kind: str = Backend.Kind.DEMO, *, key: str = BACKEND_KEY, **fields: Any
) -> Backend:
    """The agent's backend; `key` is stored encrypted."""
    return Backend.objects.create(
        agent=agent, kind=kind, secret=encrypt(key), **{"timeout": 5, **fields}
    )


def make_web_chat(agent: Agent, **fields: Any) -> WebChat:
    """A web chat that is open."""
    return WebChat.objects.create(agent=agent, **{"is_on": True, **fields})


def make_bot(agent: Agent, **fields: Any) -> TelegramBot:
    """The row of a Telegram bot; no bot runs."""
    return TelegramBot.objects.create(
        agent=agent, **{"bot_id": 42, "username": "ada_bot", **fields}
    )
