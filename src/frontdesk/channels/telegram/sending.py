"""Sending what the inbox keeps, part by part, each at most once."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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

from frontdesk.agents.models import Agent
from frontdesk.channels.telegram import inbox
from frontdesk.channels.telegram.api import NotReachedError, SendText
from frontdesk.channels.telegram.inbox import Key, NotSent
from frontdesk.channels.telegram.rendering import Part
from frontdesk.channels.telegram.threads import Threads
from frontdesk.channels.telegram.timing import Pace
from frontdesk.channels.telegram.updates import Incoming
from frontdesk.ledger.reachability import set_reachable

logger = logging.getLogger(__name__)


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


class _Later(Exception):  # noqa: N818  # no failure yet
    """It has certainly not arrived, and may in so many seconds; `text` says what was wrong."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


@asynccontextmanager
async def typing(bot: Bot, place: Place, pace: Pace) -> AsyncIterator[None]:
    """Show that an answer is being written, which Telegram forgets after five seconds."""

    async def show() -> None:
        while True:
            with suppress(TelegramAPIError):
                await bot.send_chat_action(
                    place.chat, ChatAction.TYPING, message_thread_id=place.thread
                )
            await asyncio.sleep(pace.typing)

    task = asyncio.create_task(show())
    try:
        yield
    finally:
        task.cancel()


async def send(
    bot: Bot, agent: Agent, key: Key, place: Place, threads: Threads, pace: Pace
) -> None:
    """Send what is left of the reply, and finish the update."""
    not_sent = ""
    try:
        await _send_parts(bot, agent, key, place, threads, pace)
    except NotSent as error:
        not_sent = str(error)
    except TelegramForbiddenError as error:
        not_sent = _said(error)
        if place.reply_to is None:
            await threads.database(_note_unreachable, agent, key, not_sent)
    await threads.database(inbox.finish, agent, key, not_sent)


async def _send_parts(
    bot: Bot, agent: Agent, key: Key, place: Place, threads: Threads, pace: Pace
) -> None:
    deadline, wait = time.monotonic() + pace.patience, pace.first_retry
    while True:
        found = await threads.database(inbox.next_part, agent, key)
        if found is None:
            return
        number, part = found
        try:
            place = await _deliver(bot, place, part, is_first=number == 0)
        except _Later as later:
            await threads.database(inbox.part_is_not_sent, key, number)
            pause = wait if later.seconds is None else later.seconds
            if time.monotonic() + pause > deadline:
                raise NotSent(str(later)) from None
            await asyncio.sleep(pause)
            wait = min(2 * wait, pace.longest_retry)
            continue
        except (NotSent, TelegramForbiddenError):
            await threads.database(inbox.part_is_not_sent, key, number)
            raise
        await threads.database(inbox.part_is_sent, key, number)


async def _deliver(bot: Bot, place: Place, part: Part, *, is_first: bool) -> Place:
    """Send one part once; returns the place that the next one is for."""
    try:
        await _send(bot, place, part, is_first=is_first)
    except TelegramMigrateToChat as error:  # the group is a supergroup now, with another id
        place = replace(place, chat=error.migrate_to_chat_id)
        await _send_plainly(bot, place, part, is_first=is_first)
    except TelegramBadRequest as error:
        if "entit" not in error.message.lower():
            raise NotSent(_said(error)) from None
        logger.warning("bot %s: Telegram does not take the entities of an answer", bot.id)
        await _send_plainly(bot, place, part, is_first=is_first)
    return place


async def _send_plainly(bot: Bot, place: Place, part: Part, *, is_first: bool) -> None:
    try:
        await _send(bot, place, Part(part.text), is_first=is_first)
    except (TelegramBadRequest, TelegramMigrateToChat) as error:
        raise NotSent(_said(error)) from None


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
        raise _Later("Telegram asks to wait too long", float(error.retry_after)) from None
    except (NotReachedError, TelegramServerError) as error:
        raise _Later(_said(error)) from None
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise _Later("Telegram does not accept the bot's token") from None
    except TelegramNetworkError as error:
        # It may have arrived: it counts as sent, as it does when the worker ends at this moment.
        logger.warning("bot %s: whether a message arrived is not known: %s", bot.id, error.message)
    except (TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat):
        raise
    except TelegramAPIError as error:
        raise NotSent(_said(error)) from None


def _note_unreachable(agent: Agent, key: Key, said: str) -> None:
    cause = "deleted the account" if "deactivated" in said else "blocked the bot"
    now = dt.datetime.now(dt.UTC)
    set_reachable(agent, key.end_user_id, reachable=False, at=now, cause=cause)


def _said(error: TelegramAPIError) -> str:
    return error.message.rstrip(".")[:300]
