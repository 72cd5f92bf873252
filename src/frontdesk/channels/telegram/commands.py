"""The commands that the channel itself answers, without the backend: /start, /new, /usage, …"""

import datetime as dt

from django.conf import settings

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.channels import linking
from frontdesk.channels.linking import TOKEN_PREFIX, LinkError
from frontdesk.channels.telegram import inbox
from frontdesk.channels.telegram.inbox import Key, Reply
from frontdesk.channels.telegram.rendering import plain, render
from frontdesk.channels.telegram.updates import PLATFORM, Incoming
from frontdesk.channels.usage_text import UsageLine, usage_lines
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.words import phrase
from frontdesk.core.sql.retries import with_retries
from frontdesk.gate import texts
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.linking import issue_token
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record

OWN = ("new", "usage", "help", "link")
"""What is no message of the user's."""
MAX_PAYLOAD = 64
"""Signs of a deep link's payload, by Telegram's own rule."""


def answer(agent: Agent, incoming: Incoming, language: str) -> str:
    """What is said to one of `OWN`."""
    match incoming.command:
        case "new":
            record(agent, [incoming.event(role="system", new_session=True, text="/new")])
            return phrase("new_dialogue", language)
        case "usage":
            return _usage(agent, incoming, language)
        case "link":
            return _link(agent, incoming, language)
        case _:
            return _help(agent, incoming, language)


def start_event(incoming: Incoming) -> Event:
    """/start is a message of the user's. A link's token is no part of it: it is a secret."""
    event = incoming.event()
    payload = incoming.argument[:MAX_PAYLOAD]
    if incoming.argument.startswith(TOKEN_PREFIX):
        event.text = "/start"
    elif payload:
        event.attributes = {**(event.attributes or {}), "start": payload}
    return event


def start(agent: Agent, key: Key, incoming: Incoming, language: str) -> None:
    """Link the person's identities, where the link asks for that, or greet."""
    if not incoming.argument.startswith(TOKEN_PREFIX):
        inbox.keep(key, _greeting(agent, incoming, language))
        return
    try:
        # In one transaction: the token works once, and that it did must not be forgotten.
        with_retries(_redeem)(agent, key, incoming, language)
    except LinkError:
        inbox.keep(key, Reply(plain(phrase("link_failed", language))))


def _redeem(agent: Agent, key: Key, incoming: Incoming, language: str) -> None:
    linking.redeem(agent, PLATFORM, incoming.external_id, incoming.argument)
    inbox.keep(key, Reply(plain(phrase("linked", language))))


def _greeting(agent: Agent, incoming: Incoming, language: str) -> Reply:
    chat = WebChat.objects.filter(agent=agent).first()
    said = chat.greeting if chat else ""
    text = said or "\n\n".join(filter(None, [agent.description, _help(agent, incoming, language)]))
    return Reply(render(text), Answer(text=text))


def _usage(agent: Agent, incoming: Incoming, language: str) -> str:
    id_ = user_id(agent.id, PLATFORM, incoming.external_id)
    # Who has not written has limits, too, of which nothing is used.
    nobody = EndUser(id=id_, agent=agent, platform=PLATFORM, external_id=incoming.external_id)
    lines = usage_lines(agent, EndUser.objects.filter(id=id_).first() or nobody, language)
    if not lines:
        return phrase("usage_none", language)
    told = [_usage_line(agent, line, language) for line in lines]
    return "\n".join([phrase("usage_title", language), *told])


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
    keys = ["help", *(["help_link"] if _has_link(agent, incoming) else [])]
    return " ".join(phrase(key, language) for key in keys)


def _has_link(agent: Agent, incoming: Incoming) -> bool:
    """Whether /link leads somewhere: the token is a secret, so not in groups."""
    has_address = bool(settings.ENV.public_url) and incoming.is_private
    return has_address and WebChat.objects.filter(agent=agent, is_on=True).exists()


def _link(agent: Agent, incoming: Incoming, language: str) -> str:
    if not _has_link(agent, incoming):
        return phrase("link_none", language)
    id_ = user_id(agent.id, PLATFORM, incoming.external_id)
    if not EndUser.objects.filter(id=id_).exists():  # a link is made for somebody who is known
        record(agent, [incoming.event(role="system", text="/link")])
    user = EndUser.objects.filter(id=id_).first()
    if user is None:
        return phrase("link_none", language)
    url = f"{settings.ENV.public_url}/chat/{agent.id}?link={issue_token(user)}"
    return phrase("link_here", language, url=url)
