"""The web chat as a channel."""

import uuid
from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent
from frontdesk.channels.base import Capabilities, Channel, Connection
from frontdesk.channels.web.models import WebChat
from frontdesk.core.platforms import Platform

PLATFORM = "web"


class WebChannel(Channel):
    """A hosted page and a widget. It does not vouch for visitors itself: sites sign them."""

    platform = Platform(PLATFORM, "Web", "world")
    name = _("Web chat")
    icon = "message"
    capabilities = Capabilities(markdown=True, buttons=True)
    urlconf = "frontdesk.channels.web.urls"

    def connections(self, agent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Connection]:
        open_chats = WebChat.objects.filter(agent_id__in=agent_ids, is_on=True)
        return {id_: _connection(id_) for id_ in open_chats.values_list("agent_id", flat=True)}

    def greeting(self, agent: Agent) -> str:
        chat = WebChat.objects.filter(agent=agent).first()
        return chat.greeting if chat else ""


def _connection(agent_id: uuid.UUID) -> Connection:
    page = reverse("web:chat", args=[agent_id])
    return Connection(_("Chat"), _("open"), link=f"{page}?link=", page=page)
