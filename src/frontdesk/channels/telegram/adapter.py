"""Serving one bot: its updates come in, and its answers are sent."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from frontdesk.channels.outbox import NotSent, Part, TryLater, Unreachable
from frontdesk.channels.serving import Adapter
from frontdesk.channels.telegram.api import NotReachedError, SendText, connect
from frontdesk.channels.telegram.bots import ServedBot
from frontdesk.channels.telegram.intake import Intake, offer_commands
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.channels.telegram.replies import TelegramReplies
from frontdesk.channels.telegram.updates import Incoming
from frontdesk.channels.threads import Threads
from frontdesk.channels.timing import Timing

logger = logging.getLogger(__name__)


@asynccontextmanager
async def open_adapter(
    served: ServedBot, threads: Threads, timing: Timing
) -> AsyncIterator["TelegramAdapter"]:
    async with connect(served.token, served.api_url) as bot:
        yield TelegramAdapter(served, bot, threads, timing)


class TelegramAdapter(Adapter):
    def __init__(self, served: ServedBot, bot: Bot, threads: Threads, timing: Timing) -> None:
        self.replies = TelegramReplies()
        # Only a webhook's updates are put into the inbox by another process.
        self.look = timing.look * (10 if served.polls else 1)
        self._served, self._bot = served, bot
        self._threads, self._timing = threads, timing
        self._moved: dict[int, int] = {}
        """Groups that are supergroups now, by the id they had, with the id they have."""

    async def receive(self, arrived: asyncio.Event) -> None:
        intake = Intake(self._served, self._bot, self._threads, self._timing, arrived)
        async with asyncio.TaskGroup() as group:
            group.create_task(intake.run())
            group.create_task(offer_commands(self._bot))

    def typing(self, item: TelegramUpdate) -> AbstractAsyncContextManager[None]:
        return _typing(self._bot, self._place_of(item), self._timing)

    async def send(self, item: TelegramUpdate, part: Part, *, is_first: bool) -> None:
        place = self._place_of(item)
        try:
            await self._deliver(place, part, is_first=is_first)
        except TelegramForbiddenError as error:
            if place.reply_to is not None:  # it is the group that the bot has been put out of
                raise NotSent(_message_of(error)) from None
            cause = "deleted the account" if "deactivated" in error.message else "blocked the bot"
            raise Unreachable(_message_of(error), cause) from None

    def _place_of(self, item: TelegramUpdate) -> "Place":
        place = Place.of(item.incoming)
        return replace(place, chat=self._moved.get(place.chat, place.chat))

    async def _deliver(self, place: "Place", part: Part, *, is_first: bool) -> None:
        try:
            await _send(self._bot, place, part, is_first=is_first)
        except TelegramMigrateToChat as error:
            self._moved[place.chat] = error.migrate_to_chat_id
            place = replace(place, chat=error.migrate_to_chat_id)
            await _send_plainly(self._bot, place, part, is_first=is_first)
        except TelegramBadRequest as error:
            if "entit" not in error.message.lower():
                raise NotSent(_message_of(error)) from None
            logger.warning("bot %s: Telegram does not take an answer's entities", self._bot.id)
            await _send_plainly(self._bot, place, part, is_first=is_first)


@dataclass(frozen=True)
class Place:
    """Where an answer belongs: in a group, to the message that it answers."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None

    @classmethod
    def of(cls, incoming: Incoming) -> "Place":
        reply_to = None if incoming.is_private else incoming.message
        return cls(incoming.chat, incoming.thread, reply_to)


@asynccontextmanager
async def _typing(bot: Bot, place: Place, timing: Timing) -> AsyncIterator[None]:
    """Show that an answer is being written, which Telegram forgets after five seconds."""

    async def show() -> None:
        while True:
            with suppress(TelegramAPIError):
                await bot.send_chat_action(
                    place.chat, ChatAction.TYPING, message_thread_id=place.thread
                )
            await asyncio.sleep(timing.typing)

    task = asyncio.create_task(show())
    try:
        yield
    finally:
        task.cancel()


async def _send_plainly(bot: Bot, place: Place, part: Part, *, is_first: bool) -> None:
    try:
        await _send(bot, place, Part(part.text), is_first=is_first)
    except (TelegramBadRequest, TelegramMigrateToChat) as error:
        raise NotSent(_message_of(error)) from None


async def _send(bot: Bot, place: Place, part: Part, *, is_first: bool) -> None:
    reply = None
    if is_first and place.reply_to is not None:
        reply = {"message_id": place.reply_to, "allow_sending_without_reply": True}
    message = SendText(
        chat_id=place.chat,
        text=part.text,
        message_thread_id=place.thread,
        entities=part.entities or None,
        reply_parameters=reply,
    )
    try:
        await bot(message)
    except TelegramRetryAfter as error:
        raise TryLater("Telegram asks to wait too long", float(error.retry_after)) from None
    except (NotReachedError, TelegramServerError) as error:
        raise TryLater(_message_of(error)) from None
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise TryLater("Telegram does not accept the bot's token") from None
    except TelegramNetworkError as error:
        # It may have arrived: it counts as sent, as it does when the worker ends at this moment.
        logger.warning("bot %s: whether a message arrived is not known: %s", bot.id, error.message)
    except (TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat):
        raise
    except TelegramAPIError as error:
        raise NotSent(_message_of(error)) from None


def _message_of(error: TelegramAPIError) -> str:
    return error.message.rstrip(".")[:300]
