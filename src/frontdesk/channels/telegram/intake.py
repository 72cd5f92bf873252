"""Receives a bot's updates: by long polling, or by a webhook that Telegram calls."""

import asyncio
import logging
import time
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand
from django.conf import settings

from frontdesk.channels.telegram import inbox
from frontdesk.channels.telegram.api import NoBotApiError, RawUpdates, explain
from frontdesk.channels.telegram.bots import ServedBot, note_failed, note_running
from frontdesk.channels.telegram.updates import ALLOWED, number_of
from frontdesk.channels.threads import Threads
from frontdesk.channels.timing import Timing
from frontdesk.channels.words import phrase
from frontdesk.core.catalogs import languages

logger = logging.getLogger(__name__)

_MENU = ("start", "new", "usage", "privacy", "help")  # /help mentions /link if there is a web chat


class Intake:
    """Receives one bot's updates until cancelled, and notes whether that works."""

    def __init__(
        self, served: ServedBot, bot: Bot, threads: Threads, timing: Timing, arrived: asyncio.Event
    ) -> None:
        self._served = served
        self._bot = bot
        self._threads = threads
        self._timing = timing
        self._arrived = arrived
        self._is_running = False

    async def run(self) -> None:
        """Run until cancelled; failures are retried after a while."""
        wait = self._timing.first_retry
        while True:
            try:
                await (self._poll() if self._served.polls else self._watch_webhook())
            except Exception as error:  # of any kind: people are waiting for the next try
                if self._is_running:
                    wait = self._timing.first_retry
                await self._note_failed(error)
                await asyncio.sleep(wait)
                wait = min(2 * wait, self._timing.longest_retry)

    async def _poll(self) -> None:
        # With a webhook Telegram refuses getUpdates. Pending updates stay.
        await self._bot.delete_webhook(drop_pending_updates=False)
        offset = None
        while True:
            timeout = 0 if not self._is_running else self._timing.long_poll
            started = time.monotonic()
            request = RawUpdates(offset=offset, timeout=timeout, allowed_updates=list(ALLOWED))
            raws = await self._bot(request, request_timeout=timeout + 15)
            if raws:
                numbers = [n for n in map(number_of, raws) if n is not None]
                if not numbers:
                    raise NoBotApiError(request, "The server sends updates without ids.")
                await self._store(raws)
                # Only now: an offset beyond an update makes Telegram forget it.
                offset = max(numbers) + 1
            elif timeout and time.monotonic() - started < self._timing.first_retry:
                await asyncio.sleep(self._timing.first_retry)  # the server ignores the long poll
            await self._note_running()

    async def _watch_webhook(self) -> None:
        if not settings.ENV.public_url.startswith("https://"):
            raise NoPublicUrlError
        url = self._served.webhook_url
        while True:
            info = await self._bot.get_webhook_info()
            if info.url != url or not self._is_running:
                await self._bot.set_webhook(
                    url, secret_token=self._served.webhook_secret, allowed_updates=list(ALLOWED)
                )
            await self._note_running()
            await asyncio.sleep(self._timing.check_webhook)

    async def _store(self, raws: list[dict[str, object]]) -> None:
        served = self._served
        if await self._threads.database(inbox.store, served.agent_id, served.id, served.me, raws):
            self._arrived.set()

    async def _note_running(self) -> None:
        if not self._is_running:
            await self._threads.database(note_running, self._served)
            self._is_running = True
            logger.info("bot %s: updates come in", self._served.id)

    async def _note_failed(self, error: Exception) -> None:
        text = str(error) if isinstance(error, NoPublicUrlError) else None
        text = text or explain(error, self._served.token)
        if not isinstance(error, TelegramAPIError | NoPublicUrlError):
            logger.exception("bot %s: receiving updates failed", self._served.id)
        else:
            logger.warning("bot %s: %s", self._served.id, text)
        self._is_running = False
        with suppress(Exception):  # the database itself may be what fails
            await self._threads.database(note_failed, self._served, text)


class NoPublicUrlError(Exception):
    def __init__(self) -> None:
        super().__init__("A webhook requires FRONTDESK_PUBLIC_URL to start with https://.")


async def offer_commands(bot: Bot) -> None:
    """Have Telegram show the commands, in each language. The bot also works without this."""
    with suppress(TelegramAPIError):
        for language in (None, *languages()):
            commands = [
                BotCommand(command=name, description=phrase(f"command_{name}", language or "en"))
                for name in _MENU
            ]
            await bot.set_my_commands(commands, language_code=language)
