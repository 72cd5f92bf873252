"""The settings page of all channels, with a card for each."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels.base import Channel, Connection
from frontdesk.channels.registry import all_channels
from frontdesk.channels.telegram.channel import TelegramChannel
from frontdesk.channels.web.channel import WebChannel
from frontdesk.console.settings import telegram, web_chat
from frontdesk.console.settings.section import show_section

CardValues = Callable[[HttpRequest, Agent], dict[str, Any]]

OWN_CARDS: Mapping[type[Channel], tuple[str, CardValues]] = {
    WebChannel: ("settings/web_chat/card.html", web_chat.card_values),
    TelegramChannel: ("settings/telegram/card.html", telegram.card_values),
}
"""Channels with their own card and pages; the others have a card made from their descriptor."""


@dataclass(frozen=True)
class Card:
    """One channel on the page. `values` is for a channel's own template."""

    channel: Channel
    template: str = "settings/channel_card.html"
    values: dict[str, Any] = field(default_factory=dict)
    connection: Connection | None = None


@login_required
@require_safe
def channels(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    context = {
        "backend": Backend.objects.filter(agent=agent).first(),
        "cards": [_card(request, agent, channel) for channel in all_channels()],
    }
    return show_section(request, agent, "channels", context, template="settings/channels.html")


def _card(request: HttpRequest, agent: Agent, channel: Channel) -> Card:
    own = OWN_CARDS.get(type(channel))
    if own is None:
        return Card(channel, connection=channel.connection_of(agent))
    template, values = own
    return Card(channel, template, values(request, agent))
