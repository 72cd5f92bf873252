"""The Telegram runner: all bots of an installation."""

import uuid
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager

from frontdesk.channels.runner import ChannelRunner, Served, Service
from frontdesk.channels.serving import Adapter
from frontdesk.channels.telegram import bots
from frontdesk.channels.threads import Threads
from frontdesk.channels.timing import Timing


class BotService(Service):
    name = "telegram"

    def lease(self, owner: uuid.UUID, seconds: float) -> list[bots.ServedBot]:
        return bots.lease(owner, seconds)

    def release(self, owner: uuid.UUID, ids: Collection[uuid.UUID]) -> None:
        bots.release(owner, ids)

    def open(
        self, served: Served, threads: Threads, timing: Timing
    ) -> AbstractAsyncContextManager[Adapter]:
        # Importing aiogram takes two seconds and 60 MB: only if there is a bot.
        from frontdesk.channels.telegram.adapter import open_adapter

        assert isinstance(served, bots.ServedBot)  # noqa: S101  # from `lease`
        return open_adapter(served, threads, timing)


class TelegramRunner(ChannelRunner):
    def __init__(self, owner: uuid.UUID, timing: Timing | None = None) -> None:
        super().__init__(BotService(), owner, timing)
