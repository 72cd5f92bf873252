"""Serving one room: its messages come in, and answers are sent."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec

from frontdesk.channels.outbox import Outbox, Part, TryLater
from frontdesk.channels.replies import Replies
from frontdesk.channels.runner import Served, Service
from frontdesk.channels.serving import Adapter
from frontdesk.channels.threads import Threads
from frontdesk.channels.timing import Timing
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger.events import user_id
from tests.channels.example.models import ExampleItem
from tests.channels.example.server import Room

OUTBOX = Outbox(ExampleItem)
MAX_LENGTH = 40


class ExampleReplies(Replies[ExampleItem]):
    verified = True
    max_length = MAX_LENGTH


class ExampleService(Service):
    """All rooms. A channel with several workers leases its connections from a table."""

    name = "example"

    def __init__(self, rooms: Mapping[uuid.UUID, Room]) -> None:
        self._rooms = rooms

    def lease(self, owner: uuid.UUID, seconds: float) -> list[Room]:
        return list(self._rooms.values())

    def release(self, owner: uuid.UUID, ids: Collection[uuid.UUID]) -> None:
        """There is no other worker."""

    def open(
        self, served: Served, threads: Threads, timing: Timing
    ) -> AbstractAsyncContextManager[Adapter]:
        return _open(self._rooms[served.agent_id], threads, timing)


@asynccontextmanager
async def _open(room: Room, threads: Threads, timing: Timing) -> AsyncIterator[Adapter]:
    yield ExampleAdapter(room, threads, timing)


class ExampleAdapter(Adapter):
    def __init__(self, room: Room, threads: Threads, timing: Timing) -> None:
        self.replies = ExampleReplies(OUTBOX)
        self.inbox_poll = timing.inbox_poll
        self._room, self._threads, self._timing = room, threads, timing

    async def receive(self, arrived: asyncio.Event) -> None:
        while True:
            if messages := list(self._room.offered):
                await self._threads.database(self._store)
                self._room.confirm(messages)  # only now: confirmed messages are not offered again
                arrived.set()
            await asyncio.sleep(self._timing.inbox_poll)

    async def send(self, item: ExampleItem, part: Part, *, is_first: bool) -> None:
        try:
            self._room.send(item.chat, part.text)
        except ConnectionError as error:
            raise TryLater(str(error)) from None

    def _store(self) -> None:
        room = self._room
        items = [
            ExampleItem(
                end_user_id=user_id(room.agent_id, "example", message.sender),
                key=str(message.number),
                connection_id=room.id,
                number=message.number,
                chat=message.sender,
                payload=msgspec.to_builtins(message),
            )
            for message in room.offered
        ]
        with_retries(OUTBOX.store)(items)
