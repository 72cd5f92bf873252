"""Serves one bot: receives its updates, and sends its answers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from aiogram import Bot
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

from frontdesk.backends.question import Cancellation
from frontdesk.channels.outbox import NotSent, Part, SendInstead, TryLater, Unreachable
from frontdesk.channels.serving import Adapter
from frontdesk.channels.telegram import groups, thoughts
from frontdesk.channels.telegram.api import (
    NotReachedError,
    SendRich,
    SendText,
    UnknownMethodError,
    connect,
    is_unknown_method,
)
from frontdesk.channels.telegram.bots import ServedBot
from frontdesk.channels.telegram.drafts import Destination, Draft, Features
from frontdesk.channels.telegram.intake import Intake, offer_commands
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.channels.telegram.rendering import render, without_entities
from frontdesk.channels.telegram.replies import TelegramReplies
from frontdesk.channels.telegram.sent import Sent, note_sent
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
    replies: TelegramReplies

    def __init__(self, served: ServedBot, bot: Bot, threads: Threads, timing: Timing) -> None:
        self._features = Features()
        self.replies = TelegramReplies(self._features)
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

    @asynccontextmanager
    async def progress(
        self, item: TelegramUpdate, cancellation: Cancellation
    ) -> AsyncIterator[Callable[[str], None]]:
        incoming, to = item.incoming, await self._destination_of(item)
        draft_id = incoming.message if incoming.is_private else 0
        draft = Draft(self._bot, to, draft_id, self._features, self._threads, self._timing)
        key = (incoming.chat, incoming.message)
        self.replies.in_progress[key] = cancellation
        task = asyncio.create_task(draft.show())
        try:
            yield draft.say
        finally:
            task.cancel()  # not waited for
            del self.replies.in_progress[key]

    async def send(self, item: TelegramUpdate, part: Part, *, is_first: bool) -> None:
        destination = await self._destination_of(item)
        try:
            sent = await self._deliver(destination, part, is_first=is_first)
        except TelegramForbiddenError as error:
            if destination.reply_to is not None:  # the bot was removed from the group
                raise NotSent(_message_of(error)) from None
            cause = "deleted the account" if "deactivated" in error.message else "blocked the bot"
            raise Unreachable(_message_of(error), cause) from None
        if sent is not None:
            await self._threads.database(note_sent, self._served.agent_id, item, sent)

    async def _destination_of(self, item: TelegramUpdate) -> Destination:
        incoming = item.incoming
        if incoming.is_private:
            return Destination(incoming.chat, incoming.thread)
        # The group may have migrated since the message came.
        chat = await self._threads.database(groups.present_id, self._served.agent_id, incoming.chat)
        return Destination(chat, incoming.thread, incoming.message)

    async def _deliver(self, to: Destination, part: Part, *, is_first: bool) -> Sent | None:
        try:
            return await self._send_formatted(to, part, is_first=is_first)
        except TelegramMigrateToChat as error:
            new = error.migrate_to_chat_id
            await self._threads.database(groups.note_migration, self._served.agent_id, to.chat, new)
            try:
                return await self._send_formatted(replace(to, chat=new), part, is_first=is_first)
            except TelegramMigrateToChat as again:
                raise NotSent(_message_of(again)) from None

    async def _send_formatted(self, to: Destination, part: Part, *, is_first: bool) -> Sent | None:
        if part.rich and not self._features.rich_messages:
            raise await self._plainer(part)
        try:
            return await _send(self._bot, to, part, is_first=is_first)
        except RichRefusedError as error:
            self._features.rich_messages = not error.is_unknown
            logger.info("bot %s: a rich message is refused: %s", self._bot.id, error)
            raise await self._plainer(part) from None
        except TelegramBadRequest as error:
            if not part.entities or "entit" not in error.message.lower():
                raise NotSent(_message_of(error)) from None
            logger.warning("bot %s: Telegram rejects an answer's entities", self._bot.id)
            raise SendInstead(without_entities(part)) from None

    async def _plainer(self, part: Part) -> SendInstead:
        return SendInstead(await self._threads.database(render, part.text))


class RichRefusedError(Exception):
    """A rich message has not arrived. `is_unknown`: because the server has no such messages."""

    def __init__(self, error: TelegramAPIError) -> None:
        super().__init__(_message_of(error))
        self.is_unknown = is_unknown_method(error)


async def _send(bot: Bot, to: Destination, part: Part, *, is_first: bool) -> Sent | None:
    """Send a message once; returns its place, unless it is not known whether it has arrived."""
    reply = None
    if is_first and to.reply_to is not None:
        reply = {"message_id": to.reply_to, "allow_sending_without_reply": True}
    try:
        result = await bot(_message_to(to, part, reply))
        return Sent.of(result)
    except TelegramRetryAfter as error:
        raise TryLater("Telegram asks to wait too long", float(error.retry_after)) from None
    except (NotReachedError, TelegramServerError) as error:
        raise TryLater(_message_of(error)) from None
    except (TelegramNotFound, TelegramBadRequest, UnknownMethodError) as error:
        if part.rich:
            raise RichRefusedError(error) from None
        if isinstance(error, TelegramBadRequest):
            raise
        if isinstance(error, UnknownMethodError):
            raise NotSent(_message_of(error)) from None
        raise TryLater("Telegram does not accept the bot's token") from None
    except TelegramUnauthorizedError:
        raise TryLater("Telegram does not accept the bot's token") from None
    except TelegramNetworkError as error:
        # It may have arrived, so it counts as sent, as when the worker dies at this moment.
        logger.warning("bot %s: a message may not have arrived: %s", bot.id, error.message)
        return None
    except (TelegramForbiddenError, TelegramMigrateToChat):
        raise
    except TelegramAPIError as error:
        raise NotSent(_message_of(error)) from None


def _message_to(to: Destination, part: Part, reply: dict[str, Any] | None) -> SendText | SendRich:
    if part.rich:
        return SendRich(
            chat_id=to.chat,
            rich_message={"html": part.rich},
            message_thread_id=to.thread,
            reply_parameters=reply,
        )
    return SendText(
        chat_id=to.chat,
        text=part.text,
        message_thread_id=to.thread,
        entities=part.entities or None,
        reply_parameters=reply,
    )


def _message_of(error: TelegramAPIError) -> str:
    return error.message.rstrip(".")[:300]
