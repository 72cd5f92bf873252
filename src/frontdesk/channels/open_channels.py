"""Which channels of agents are open, for pages that show them beside something else."""

import uuid
from collections.abc import Collection
from typing import NamedTuple

from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.web.models import WebChat


class OpenChannels(NamedTuple):
    """Where people can talk to one agent here; a bot is named whatever its state is."""

    has_web_chat: bool = False
    bot: TelegramBot | None = None

    @property
    def bot_has_failed(self) -> bool:
        return self.bot is not None and self.bot.state == TelegramBot.State.FAILED


def open_channels(agent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, OpenChannels]:
    """The channels of each of these agents, by two statements."""
    chats = WebChat.objects.filter(agent_id__in=agent_ids, is_on=True)
    has_chat = set(chats.values_list("agent_id", flat=True))
    bots = {bot.agent_id: bot for bot in TelegramBot.objects.filter(agent_id__in=agent_ids)}
    return {id_: OpenChannels(id_ in has_chat, bots.get(id_)) for id_ in agent_ids}
