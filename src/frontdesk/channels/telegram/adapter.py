"""Serves one bot: receives its updates, and sends its answers."""

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
from frontdesk.channels.telegram import groups, thoughts
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
        # Only a webhook's updates are stored by another process.
        self.inbox_poll = timing.inbox_poll * (10 if served.polls else 1)
        self._served, self._bot = served, bot
        self._threads, self._timing = threads, timing

    async def receive(self, arrived: asyncio.Event) -> None:
        intake = Intake(self._served, self._bot, self._threads, self._timing, arrived)
        async with asyncio.TaskGroup() as group:
            group.create_task(intake.run())
            group.create_task(offer_commands(self._bot))

    def gather(self, item: TelegramUpdate) -> float:
        return thoughts.gather(item, self._timing.gather)

    def typing(self, item: TelegramUpdate) -> AbstractAsyncContextManager[None]:
        return _typing(self._bot, Destination.of(item.incoming), self._timing)

    async def send(self, item: TelegramUpdate, part: Part, *, is_first: bool) -> None:
        destination = await self._destination_of(item)
        try:
            await self._deliver(destination, part, is_first=is_first)
        except TelegramForbiddenError as error:
            if destination.reply_to is not None:  # the bot was removed from the group
                raise NotSent(_message_of(error)) from None
            cause = "deleted the account" if "deactivated" in error.message else "blocked the bot"
            raise Unreachable(_message_of(error), cause) from None

    async def _destination_of(self, item: TelegramUpdate) -> "Destination":
        to = Destination.of(item.incoming)
        if to.chat > 0:
            return to
        # The group may have migrated since the message came.
        present = await self._threads.database(groups.present_id, self._served.agent_id, to.chat)
        return replace(to, chat=present)

    async def _deliver(self, to: "Destination", part: Part, *, is_first: bool) -> None:
        try:
            await self._send_formatted(to, part, is_first=is_first)
        except TelegramMigrateToChat as error:
            new = error.migrate_to_chat_id
            await self._threads.database(groups.note_migration, self._served.agent_id, to.chat, new)
            try:
                await self._send_formatted(replace(to, chat=new), part, is_first=is_first)
            except TelegramMigrateToChat as again:
                raise NotSent(_message_of(again)) from None

    async def _send_formatted(self, to: "Destination", part: Part, *, is_first: bool) -> None:
        try:
            await _send(self._bot, to, part, is_first=is_first)
        except TelegramBadRequest as error:
            if "entit" not in error.message.lower():
                raise NotSent(_message_of(error)) from None
            logger.warning("bot %s: Telegram rejects an answer's entities", self._bot.id)
            await _send_plainly(self._bot, to, part, is_first=is_first)


@dataclass(frozen=True)
class Destination:
    """Where an answer is sent. In a group it is a reply to the message that it answers."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None

    @classmethod
    def of(cls, incoming: Incoming) -> "Destination":
        reply_to = None if incoming.is_private else incoming.message
        return cls(incoming.chat, incoming.thread, reply_to)


@asynccontextmanager
async def _typing(bot: Bot, to: Destination, timing: Timing) -> AsyncIterator[None]:
    """Show that an answer is being written. Telegram hides this after five seconds."""

    async def show() -> None:
        while True:
            with suppress(TelegramAPIError):
                await bot.send_chat_action(to.chat, ChatAction.TYPING, message_thread_id=to.thread)
            await asyncio.sleep(timing.typing)

    task = asyncio.create_task(show())
    try:
        yield
    finally:
        task.cancel()


async def _send_plainly(bot: Bot, to: Destination, part: Part, *, is_first: bool) -> None:
    try:
        await _send(bot, to, Part(part.text), is_first=is_first)
    except (TelegramBadRequest, TelegramMigrateToChat) as error:
        raise NotSent(_message_of(error)) from None


async def _send(bot: Bot, to: Destination, part: Part, *, is_first: bool) -> None:
    reply = None
    if is_first and to.reply_to is not None:
        reply = {"message_id": to.reply_to, "allow_sending_without_reply": True}
    message = SendText(
        chat_id=to.chat,
        text=part.text,
        message_thread_id=to.thread,
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
        # It may have arrived, so it counts as sent, as when the worker dies at this moment.
        logger.warning("bot %s: a message may not have arrived: %s", bot.id, error.message)
    except (TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat):
        raise
    except TelegramAPIError as error:
        raise NotSent(_message_of(error)) from None


def _message_of(error: TelegramAPIError) -> str:
    return error.message.rstrip(".")[:300]
