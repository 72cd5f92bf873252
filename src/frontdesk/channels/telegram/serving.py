"""Serving one bot: updates come in, and are worked on, one of a chat at a time."""

import asyncio
import logging
from collections import Counter

from aiogram import Bot
from django.db import DatabaseError, InterfaceError, OperationalError

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer, answer
from frontdesk.backends.question import Cancellation, Question
from frontdesk.channels.telegram import inbox, replies
from frontdesk.channels.telegram.api import connect
from frontdesk.channels.telegram.bots import ServedBot
from frontdesk.channels.telegram.inbox import Key
from frontdesk.channels.telegram.intake import Intake, offer_commands
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.channels.telegram.replies import Refusals
from frontdesk.channels.telegram.sending import Place, send, typing
from frontdesk.channels.telegram.threads import Threads
from frontdesk.channels.telegram.timing import Pace

logger = logging.getLogger(__name__)

CHATS_AT_ONCE = 32
ATTEMPTS = 3
"""How often an update is tried that fails for no reason that we know."""


class Serving:
    """One bot, served until it is stopped."""

    def __init__(self, served: ServedBot, threads: Threads, pace: Pace) -> None:
        self.served = served
        self._threads = threads
        self._pace = pace
        self._refusals = Refusals()
        self._failures: Counter[Key] = Counter()
        self._arrived = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._asking: set[int] = set()
        self._task = asyncio.create_task(self._run())

    @property
    def has_ended(self) -> bool:
        """By itself, which it should not."""
        return self._task.done()

    async def stop(self) -> None:
        """What is being sent is sent; who waits for the backend is answered by the next service."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        async with connect(self.served.token, self.served.api_url) as bot:
            intake = Intake(self.served, bot, self._threads, self._pace, self._arrived)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(intake.run())
                    group.create_task(self._work(bot))
                    group.create_task(offer_commands(bot))
            finally:  # the connections end after what is on its way
                await self._finish_sending()

    async def _finish_sending(self) -> None:
        for chat in self._asking:
            self._busy[chat].cancel()
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=self._pace.ending)
            for task in late:
                task.cancel()

    async def _work(self, bot: Bot) -> None:
        """Begin with each chat that has an update waiting, as long as there is room."""
        look = self._pace.look * (10 if self.served.polls else 1)
        while True:
            self._arrived.clear()
            room = CHATS_AT_ONCE - len(self._busy)
            try:
                found = await self._threads.database(
                    inbox.pending, self.served.id, list(self._busy), room
                )
            except (DatabaseError, InterfaceError):
                logger.exception("bot %s: the inbox cannot be read", self.served.id)
                found = []
            begun = found[:room]
            for chat, key in begun:
                self._busy[chat] = asyncio.create_task(self._work_on(bot, chat, key))
            if begun:  # of whom much waits, he hides the others until he is busy: look again
                continue
            try:
                async with asyncio.timeout(look):
                    await self._arrived.wait()
            except TimeoutError:
                pass

    async def _work_on(self, bot: Bot, chat: int, key: Key) -> None:
        try:
            await self._handle(bot, chat, key)
            self._failures.pop(key, None)
        except (OperationalError, InterfaceError):  # not the update's fault
            logger.exception("bot %s: update %s waits", self.served.id, key.key)
            await asyncio.sleep(self._pace.first_retry)
        except Agent.DoesNotExist:  # it is being deleted, and the bot with it
            await asyncio.sleep(self._pace.first_retry)
        except Exception:  # an update that nobody can deal with must not hold up the others
            logger.exception("bot %s: update %s failed", self.served.id, key.key)
            await self._after_failure(key)
        finally:
            del self._busy[chat]
            self._arrived.set()

    async def _handle(self, bot: Bot, chat: int, key: Key) -> None:
        """Deal with one update, from where it was left."""
        row = await self._threads.database(inbox.load, key)
        if row is None:
            return
        agent = await self._threads.database(_agent, self.served)
        place = Place.of(inbox.incoming_of(row))
        if row.state == TelegramUpdate.State.WAITING:
            question = await self._threads.database(replies.begin, agent, row, self._refusals)
            if question is not None:
                given = await self._ask(bot, chat, place, question)
                await self._threads.database(replies.keep_answer, agent, row, given)
        elif await self._threads.database(inbox.settle_interrupted, key):
            logger.warning("update %s: a part was on its way, and counts as sent", key.key)
        await send(bot, agent, key, place, self._threads, self._pace)

    async def _ask(self, bot: Bot, chat: int, place: Place, question: Question) -> Answer:
        cancellation = Cancellation()
        self._asking.add(chat)
        try:
            async with typing(bot, place, self._pace):
                return await self._threads.answer(answer, question, _unheard, cancellation)
        finally:
            self._asking.discard(chat)
            cancellation.cancel()  # where it was stopped; after an answer it does nothing

    async def _after_failure(self, key: Key) -> None:
        self._failures[key] += 1
        if self._failures[key] < ATTEMPTS:
            await asyncio.sleep(self._pace.first_retry)
            return
        del self._failures[key]
        await self._threads.database(_give_up, self.served, key)


def _give_up(served: ServedBot, key: Key) -> None:
    """Say that it did not work, or, where that fails too, close the update."""
    try:
        row, agent = inbox.load(key), _agent(served)
        if row is not None and row.state == TelegramUpdate.State.WAITING:
            replies.give_up(agent, row)
        else:
            inbox.finish(agent, key, "internal error; see the log of the worker")
    except Exception:
        logger.exception("update %s is given up", key.key)
        inbox.close(key)


def _agent(served: ServedBot) -> Agent:
    return Agent.objects.get(id=served.agent_id)


def _unheard(_: str) -> None:
    """An answer is sent when it is whole."""
