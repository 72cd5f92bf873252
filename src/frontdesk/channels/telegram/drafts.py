"""Shows an answer while it is written: as a draft in private chats, as typing elsewhere.

A draft is a preview of half a minute, which the final message replaces. Nothing depends on it: it
is not waited for, and when Telegram refuses it there is the typing.
"""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter

from frontdesk.channels.telegram import rendering, rich
from frontdesk.channels.telegram.api import RichDraft, TextDraft, is_unknown_method
from frontdesk.channels.threads import Threads
from frontdesk.channels.timing import Timing

logger = logging.getLogger(__name__)

_REPEATED_AFTER = 20.0
"""Seconds after which a draft that has not changed is sent again, before it disappears."""


@dataclass
class Features:
    """What a bot's server knows, as far as it has shown: older ones refuse the newer methods."""

    rich_messages: bool = True
    rich_drafts: bool = True
    drafts: bool = True


@dataclass(frozen=True)
class Destination:
    """Where an answer is sent. In a group it is a reply to the message that it answers."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None


class Draft:
    """The answer so far. `draft_id` is 0 if it must not be shown."""

    def __init__(
        self,
        bot: Bot,
        to: Destination,
        draft_id: int,
        features: Features,
        threads: Threads,
        timing: Timing,
    ) -> None:
        self._bot, self._to, self._id = bot, to, draft_id
        self._features, self._threads, self._timing = features, threads, timing
        self._pieces: list[str] = []
        self._is_refused = not draft_id
        self._is_shown = False
        self._is_rich = True

    def say(self, piece: str) -> None:
        """Add a piece, in any thread."""
        self._pieces.append(piece)

    async def show(self) -> None:
        """Show it until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._type())
            group.create_task(self._grow())

    async def _type(self) -> None:
        """Telegram hides this after five seconds, or when a message arrives."""
        while True:
            if not self._is_shown:
                with suppress(TelegramAPIError):
                    await self._bot.send_chat_action(
                        self._to.chat, ChatAction.TYPING, message_thread_id=self._to.thread
                    )
            await asyncio.sleep(self._timing.typing)

    async def _grow(self) -> None:
        shown, shown_at = "", 0.0
        while not self._is_refused:
            pause, text = self._timing.draft, "".join(self._pieces)
            is_old = self._is_shown and time.monotonic() - shown_at > _REPEATED_AFTER
            if text.strip() and (text != shown or is_old):
                try:
                    self._is_shown = await self._send(text)
                    shown, shown_at = text, time.monotonic()
                except TelegramRetryAfter as error:
                    pause = max(pause, float(error.retry_after))
                except TelegramAPIError as error:
                    logger.info("bot %s: a draft is refused: %s", self._bot.id, error.message)
                    self._is_refused, self._is_shown = True, False
            await asyncio.sleep(pause)

    async def _send(self, text: str) -> bool:
        """Send the answer so far in the best form that the server accepts."""
        if self._is_rich and self._features.rich_drafts:
            html = await self._threads.database(rich.render, text)
            if html and await self._send_rich(html):
                return True
        if not self._features.drafts:
            self._is_refused = True
            return False
        parts = await self._threads.database(rendering.render, text)
        part = parts[-1]  # of a long answer, what is being written
        draft = TextDraft(
            chat_id=self._to.chat,
            draft_id=self._id,
            text=part.text,
            message_thread_id=self._to.thread,
            entities=part.entities or None,
            can_stop=True,
        )
        try:
            await self._bot(draft)
        except TelegramAPIError as error:
            self._features.drafts = not is_unknown_method(error)
            raise
        return True

    async def _send_rich(self, html: str) -> bool:
        draft = RichDraft(
            chat_id=self._to.chat,
            draft_id=self._id,
            rich_message={"html": html},
            message_thread_id=self._to.thread,
            can_stop=True,
        )
        try:
            await self._bot(draft)
        except TelegramRetryAfter:
            raise
        except TelegramAPIError as error:
            self._features.rich_drafts = not is_unknown_method(error)
            self._is_rich = False
        return self._is_rich
