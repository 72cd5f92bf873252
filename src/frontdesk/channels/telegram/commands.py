"""The commands that the channel answers itself, without the backend: /start, /new, /usage, …"""

import datetime as dt
from collections.abc import Callable

from django.conf import settings

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.channels import linking, notices, registry
from frontdesk.channels.base import Connection
from frontdesk.channels.linking import TOKEN_PREFIX, LinkError
from frontdesk.channels.telegram.updates import PLATFORM, Incoming
from frontdesk.channels.usage_text import UsageLine, usage_lines
from frontdesk.channels.words import phrase
from frontdesk.core.sql.retries import with_retries
from frontdesk.gate import texts
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.linking import issue_token
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record

OWN = ("new", "usage", "help", "link", "privacy")
"""Commands that are not recorded as the user's messages."""
ALWAYS_ANSWERED = ("privacy",)
"""Commands that Telegram requires of every bot, also toward those whom the gate refuses."""
URGENT = frozenset({"start", *OWN})
"""Commands that are answered at once, also while an earlier question is being answered."""
MAX_PAYLOAD = 64
"""Characters of a deep link's payload, by Telegram's rule."""


def answer(agent: Agent, incoming: Incoming, language: str) -> str:
    """The answer to one of `OWN`."""
    match incoming.command:
        case "new":
            record(agent, [incoming.event(role="system", new_session=True, text="/new")])
            return phrase("new_dialogue", language)
        case "usage":
            return _usage(agent, incoming, language)
        case "link":
            return _make_link(agent, incoming, language)
        case "privacy":
            return "\n\n".join(notices.privacy(agent, language))
        case _:
            return _help(agent, incoming, language)


def start_event(incoming: Incoming) -> Event:
    """/start as a message of the user, without a link's token, which is a secret."""
    event = incoming.event()
    payload = incoming.argument[:MAX_PAYLOAD]
    if incoming.argument.startswith(TOKEN_PREFIX):
        event.text = "/start"
    elif payload:
        event.attributes = {**(event.attributes or {}), "start": payload}
    return event


def is_link(incoming: Incoming) -> bool:
    """Whether /start has a token that links identities."""
    return incoming.argument.startswith(TOKEN_PREFIX)


def link(agent: Agent, incoming: Incoming, language: str, say: Callable[[str], None]) -> None:
    """Link the person's identities, and reply whether it worked."""
    try:
        # In one transaction with the reply, because the token works only once.
        with_retries(_redeem)(agent, incoming, language, say)
    except LinkError:
        say(phrase("link_failed", language))


def _redeem(agent: Agent, incoming: Incoming, language: str, say: Callable[[str], None]) -> None:
    linking.redeem(agent, PLATFORM, incoming.external_id, incoming.argument)
    say(phrase("linked", language))


def greeting(agent: Agent, incoming: Incoming, language: str) -> Answer:
    """The answer to /start: that an AI answers, then the agent's greeting, or else its description
    and the help text.
    """
    greeting = registry.greeting_of(agent)
    parts = [greeting] if greeting else [agent.description, _help(agent, incoming, language)]
    return Answer(text="\n\n".join(filter(None, [notices.ai_notice(agent, language), *parts])))


def _usage(agent: Agent, incoming: Incoming, language: str) -> str:
    id_ = user_id(agent.id, PLATFORM, incoming.external_id)
    # A person who has not written yet has limits too.
    new_user = EndUser(id=id_, agent=agent, platform=PLATFORM, external_id=incoming.external_id)
    lines = usage_lines(agent, EndUser.objects.filter(id=id_).first() or new_user, language)
    if not lines:
        return phrase("usage_none", language)
    shown = [_usage_line(agent, line, language) for line in lines]
    return "\n".join([phrase("usage_title", language), *shown])


def _usage_line(agent: Agent, line: UsageLine, language: str) -> str:
    values = {"limit": line.title, "used": line.used, "value": line.value}
    if line.percent is None:
        return phrase("usage_length", language, **values)
    if line.percent < 100 or line.resets_at is None:
        return phrase("usage_line", language, **values)
    return phrase(
        "usage_line_until", language, when=_when(agent, line.resets_at, language), **values
    )


def _when(agent: Agent, at: dt.datetime, language: str) -> str:
    return texts.fill(agent, "{retry}", language, retry=at)


def _help(agent: Agent, incoming: Incoming, language: str) -> str:
    keys = ["help", *(["help_link"] if _link_to(agent, incoming) else [])]
    return " ".join(phrase(key, language) for key in keys)


def _link_to(agent: Agent, incoming: Incoming) -> Connection | None:
    """Where /link leads, if anywhere. In groups nowhere, because the token is a secret."""
    if not incoming.is_private:
        return None
    others = (connection for _, connection in registry.open_channels(agent, besides=PLATFORM))
    origin = settings.ENV.public_url
    return next((each for each in others if each.link_url(origin, "")), None)


def _make_link(agent: Agent, incoming: Incoming, language: str) -> str:
    connection = _link_to(agent, incoming)
    if connection is None:
        return phrase("link_none", language)
    id_ = user_id(agent.id, PLATFORM, incoming.external_id)
    if not EndUser.objects.filter(id=id_).exists():  # a link can only be made for a recorded user
        record(agent, [incoming.event(role="system", text="/link")])
    user = EndUser.objects.filter(id=id_).first()
    if user is None:
        return phrase("link_none", language)
    url = connection.link_url(settings.ENV.public_url, issue_token(user))
    return phrase("link_here", language, url=url)
