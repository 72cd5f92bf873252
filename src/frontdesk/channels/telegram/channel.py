"""Telegram as a channel."""

import uuid
from collections.abc import Collection, Sequence

from frontdesk.channels.base import Capabilities, Channel, Connection, Job
from frontdesk.channels.telegram.cleaning import forget_old_updates
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.telegram.runner import TelegramRunner
from frontdesk.channels.telegram.splitting import MAX_LENGTH
from frontdesk.channels.telegram.updates import PLATFORM
from frontdesk.core.platforms import Platform


class TelegramChannel(Channel):
    """Each agent has its own bot."""

    platform = Platform(
        PLATFORM,
        "Telegram",
        "brand-telegram",
        vouches_for_ids=True,
        vouches_for_usernames=True,
        profile_prefix="https://t.me/",
    )
    name = "Telegram"
    icon = "brand-telegram"
    capabilities = Capabilities(markdown=True, max_length=MAX_LENGTH)
    urlconf = "frontdesk.channels.telegram.urls"

    def connections(self, agent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Connection]:
        bots = TelegramBot.objects.filter(agent_id__in=agent_ids)
        return {bot.agent_id: _connection(bot) for bot in bots}

    def make_runner(self, owner: uuid.UUID) -> TelegramRunner:
        return TelegramRunner(owner)

    def nightly_jobs(self) -> Sequence[Job]:
        return (forget_old_updates,)


def _connection(bot: TelegramBot) -> Connection:
    return Connection(
        title=str(bot),
        status=bot.get_state_display(),
        link=f"https://t.me/{bot.username}?start=",
        is_running=bot.state == TelegramBot.State.RUNNING,
        has_failed=bot.state == TelegramBot.State.FAILED,
    )
