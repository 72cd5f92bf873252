"""Serves one connection of a channel: receives messages, and answers one per lane at a time.

Channels differ in their `Adapter`. The states of a message, retries, and sending each part at most
once are the same for all, and stored by the channel's `Outbox`.
"""

import asyncio
import datetime as dt
import logging
import time
import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from frontdesk.agents.models import Agent
from frontdesk.backends import answering
from frontdesk.backends.answering import Answer
from frontdesk.backends.question import Cancellation, Question
from frontdesk.channels.models import InboxItem
from frontdesk.channels.outbox import (
    Key,
    Lane,
    NotSent,
    Outbox,
    Part,
    SendInstead,
    TryLater,
    Unreachable,
)
from frontdesk.channels.replies import Replies
from frontdesk.channels.threads import Threads
from frontdesk.channels.timing import Timing
from frontdesk.ledger.reachability import set_reachable

logger = logging.getLogger(__name__)

CHATS_AT_ONCE = 32
"""Urgent items have room beyond these, because they wait for no backend."""
ATTEMPTS = 3
"""How often an item that fails for an unknown reason is tried."""


class Adapter(ABC):
    """The channel's own part of serving one connection."""

    replies: Replies[Any]
    inbox_poll: float
    """Seconds between two checks of the inbox, if nothing signals an arrival."""

    @abstractmethod
    async def receive(self, arrived: asyncio.Event) -> None:
        """Receive messages until cancelled; sets `arrived` when there is one in the inbox."""

    @abstractmethod
    async def send(self, item: Any, part: Part, *, is_first: bool) -> None:
        """Send one part of the reply to an item, once.

        Raises TryLater if it has certainly not arrived, SendInstead if it will not in this form,
        NotSent if it never will, and Unreachable if nothing ever will. If it may have arrived, this
        just returns.
        """

    def gather(self, item: Any) -> float:
        """Add to a waiting item what belongs to it; returns the seconds to wait for more first."""
        return 0.0

    def progress(
        self, item: Any, cancellation: Cancellation
    ) -> AbstractAsyncContextManager[Callable[[str], None]]:
        """Shows, while it is open, that an answer is being written.

        Opens as what gets each piece of the answer, in another thread. `cancellation` lets the
        person stop it.
        """
        return nullcontext(_ignore)


class Serving:
    """One connection, served until it is stopped."""

    def __init__(
        self,
        connection: uuid.UUID,
        agent_id: uuid.UUID,
        adapter: AbstractAsyncContextManager[Adapter],
        threads: Threads,
        timing: Timing,
    ) -> None:
        self._id = connection
        self.agent_id = agent_id
        self._adapter = adapter
        self.threads = threads
        self.timing = timing
        self._failures: Counter[Key] = Counter()
        self._arrived = asyncio.Event()
        self._busy: dict[Lane, asyncio.Task[None]] = {}
        self._items: dict[Lane, _Item] = {}
        self.asking: set[Lane] = set()
        self._task = asyncio.create_task(self._run())

    @property
    def has_ended(self) -> bool:
        """Whether it ended without `stop`, because of an error."""
        return self._task.done()

    async def stop(self) -> None:
        """Finish sending. Items that wait for the backend are left to the next worker."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        async with self._adapter as adapter:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(adapter.receive(self._arrived))
                    group.create_task(self._work(adapter))
            finally:  # before the adapter closes
                await self._finish_sending()

    async def _finish_sending(self) -> None:
        for lane in self.asking:
            self._busy[lane].cancel()
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=self.timing.stop_timeout)
            for task in late:
                task.cancel()

    async def _work(self, adapter: Adapter) -> None:
        """Start on each lane that has an item waiting, as long as there is room."""
        outbox = adapter.replies.outbox
        while True:
            self._arrived.clear()
            room = CHATS_AT_ONCE - sum(not lane.is_urgent for lane in self._busy)
            try:
                started = await self.threads.database(
                    outbox.pending, self._id, list(self._busy), room
                )
            except (DatabaseError, InterfaceError):
                logger.exception("connection %s: the inbox cannot be read", self._id)
                started = []
            for lane, key in started:
                item = self._items[lane] = _Item(self, adapter, lane, key)
                self._busy[lane] = asyncio.create_task(self._work_on(item))
            if started:  # a chat with many items hides the others until it is busy: check again
                continue
            try:
                async with asyncio.timeout(adapter.inbox_poll):
                    await self._arrived.wait()
            except TimeoutError:
                pass

    async def _work_on(self, item: "_Item") -> None:
        key = item.key
        try:
            await item.handle()
            self._failures.pop(key, None)
        except (OperationalError, InterfaceError):  # not the item's fault
            logger.exception("connection %s: item %s waits", self._id, key.key)
            await asyncio.sleep(self.timing.first_retry)
        except Agent.DoesNotExist:  # deleted together with its connection
            await asyncio.sleep(self.timing.first_retry)
        except Exception:  # one bad item must not hold up the others
            logger.exception("connection %s: item %s failed", self._id, key.key)
            await self._after_failure(item.adapter, key)
        finally:
            del self._busy[item.lane], self._items[item.lane]
            if item.lane.is_urgent and (other := self._items.get(Lane(item.lane.chat))):
                other.may_have_changed.set()
            self._arrived.set()

    async def _after_failure(self, adapter: Adapter, key: Key) -> None:
        self._failures[key] += 1
        if self._failures[key] < ATTEMPTS:
            await asyncio.sleep(self.timing.first_retry)
            return
        del self._failures[key]
        await self.threads.database(_give_up, adapter.replies, self.agent_id, key)


class _Item:
    """One item of the inbox, processed from where it was left."""

    def __init__(self, serving: Serving, adapter: Adapter, lane: Lane, key: Key) -> None:
        self.adapter, self.lane, self.key = adapter, lane, key
        self._serving = serving
        self._threads, self._timing = serving.threads, serving.timing
        self._outbox: Outbox[Any] = adapter.replies.outbox
        self.may_have_changed = asyncio.Event()
        """Set when an urgent item of the chat was handled, such as an edit of this one."""

    async def handle(self) -> None:
        database = self._threads.database
        row = await database(self._outbox.load, self.key)
        if row is None:
            return
        agent = await database(Agent.objects.get, id=self._serving.agent_id)
        if row.state == InboxItem.State.WAITING:
            row = await self._answer(agent, row)
            if row is None:
                return
        elif await database(self._outbox.settle_interrupted, self.key):
            logger.warning("item %s: an interrupted part counts as sent", self.key.key)
        await self._send(agent, row)

    async def _answer(self, agent: Agent, row: InboxItem) -> InboxItem | None:
        """Store the reply to a waiting item; if the item changes meanwhile, begin anew.

        Returns the item as it was answered; None if it is gone.
        """
        database, replies = self._threads.database, self.adapter.replies
        while True:
            while pause := await database(self.adapter.gather, row):
                await asyncio.sleep(pause)
                latest = await database(self._outbox.load, self.key)
                if latest is None:
                    return None
                row = latest
            question = await database(replies.begin, agent, row)
            if question is None:
                return row
            answer = await self._ask(row, question)
            latest = await database(self._outbox.load, self.key)
            if latest is None:
                return None
            if answer is not None and not _differ(latest, row):
                await database(replies.save_answer, agent, row, answer)
                return row
            row = latest

    async def _ask(self, row: InboxItem, question: Question) -> Answer | None:
        """The backend's answer; None if the item changes before it is there."""
        cancellation = Cancellation()
        self._serving.asking.add(self.lane)
        tasks: list[asyncio.Future[Any]] = [asyncio.create_task(self._wait_for_change(row))]
        try:
            async with self.adapter.progress(row, cancellation) as say:
                answer = asyncio.ensure_future(
                    self._threads.answer(answering.answer, question, say, cancellation)
                )
                tasks.append(answer)
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                return await answer if answer.done() else None
        finally:
            self._serving.asking.discard(self.lane)
            cancellation.cancel()  # if it was stopped; after an answer this does nothing
            for task in tasks:
                task.cancel()

    async def _wait_for_change(self, row: InboxItem) -> None:
        while True:
            await self.may_have_changed.wait()
            self.may_have_changed.clear()
            latest = await self._threads.database(self._outbox.load, self.key)
            if latest is None or _differ(latest, row):
                return

    async def _send(self, agent: Agent, row: InboxItem) -> None:
        """Send the rest of the reply, and finish the item."""
        database, not_sent = self._threads.database, ""
        try:
            await self._send_parts(agent, row)
        except Unreachable as error:
            not_sent = str(error)
            await database(_set_unreachable, agent, self.key, error.cause)
        except NotSent as error:
            not_sent = str(error)
        await database(self._outbox.finish, agent, self.key, not_sent)

    async def _send_parts(self, agent: Agent, row: InboxItem) -> None:
        database = self._threads.database
        wait = self._timing.first_retry
        deadline = time.monotonic() + self._timing.send_timeout
        while (found := await database(self._outbox.next_part, agent, self.key)) is not None:
            number, part = found
            try:
                await self.adapter.send(row, part, is_first=number == 0)
            except TryLater as later:
                await database(self._outbox.part_is_not_sent, self.key, number)
                pause = wait if later.seconds is None else later.seconds
                if time.monotonic() + pause > deadline:
                    raise NotSent(str(later)) from None
                await asyncio.sleep(pause)
                wait = min(2 * wait, self._timing.longest_retry)
            except SendInstead as form:
                await database(self._outbox.replace_part, self.key, number, form.parts)
            except NotSent:
                await database(self._outbox.part_is_not_sent, self.key, number)
                raise
            else:
                await database(self._outbox.part_is_sent, self.key, number)


def _differ(latest: InboxItem, row: InboxItem) -> bool:
    return bool(latest.payload != row.payload)


def _set_unreachable(agent: Agent, key: Key, cause: str) -> None:
    now = dt.datetime.now(dt.UTC)
    set_reachable(agent, key.end_user_id, reachable=False, at=now, cause=cause)


def _give_up(replies: Replies[Any], agent_id: uuid.UUID, key: Key) -> None:
    """Tell the person that it did not work or, if that fails too, close the item."""
    outbox = replies.outbox
    try:
        row, agent = outbox.load(key), Agent.objects.get(id=agent_id)
        if row is not None and row.state == InboxItem.State.WAITING:
            replies.give_up(agent, row)
        else:
            outbox.finish(agent, key, "internal error; see the log of the worker")
    except Exception:
        logger.exception("giving up on item %s", key.key)
        outbox.close(key)


def _ignore(_: str) -> None:
    """An answer is sent when it is complete."""
