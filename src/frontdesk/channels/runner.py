"""The runner of a channel: all its connections, in one thread of `frontdesk worker`."""

import asyncio
import logging
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from frontdesk.channels.serving import Adapter, Serving
from frontdesk.channels.threads import Threads
from frontdesk.channels.timing import Timing

logger = logging.getLogger(__name__)


class Served(Protocol):
    """A connection as a worker serves it. If it changes in any way, serving it is restarted."""

    @property
    def id(self) -> uuid.UUID: ...

    @property
    def agent_id(self) -> uuid.UUID: ...


class Service(ABC):
    """What a channel's runner serves."""

    name: str

    @abstractmethod
    def lease(self, owner: uuid.UUID, seconds: float) -> Sequence[Served]:
        """The connections this worker serves for this many seconds; see `connections.lease`."""

    @abstractmethod
    def release(self, owner: uuid.UUID, ids: Collection[uuid.UUID]) -> None:
        """Let another worker serve them at once."""

    @abstractmethod
    def open(
        self, served: Served, threads: Threads, timing: Timing
    ) -> AbstractAsyncContextManager[Adapter]:
        """The adapter of one connection, for as long as it is served."""


class ChannelRunner:
    """Serves the connections that no other worker serves, from start() to stop().

    `owner` is the worker's id in the leases. It stays the same when the worker of a home is
    restarted, so that it need not wait for the dead worker's lease to expire.
    """

    def __init__(self, service: Service, owner: uuid.UUID, timing: Timing | None = None) -> None:
        self._service = service
        self._owner = owner
        self._timing = timing or Timing()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=service.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End, and release the connections."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        supervisor = _Supervisor(self._service, self._owner, self._timing, self._ended)
        asyncio.run(supervisor.run())


class _Supervisor:
    """Checks regularly which connections there are, and starts and stops serving them."""

    def __init__(
        self, service: Service, owner: uuid.UUID, timing: Timing, ended: threading.Event
    ) -> None:
        self._service = service
        self._owner = owner
        self._timing = timing
        self._ended = ended
        self._threads = Threads(service.name)
        self._serving: dict[uuid.UUID, Serving] = {}
        self._served: dict[uuid.UUID, Served] = {}
        self._leased: dict[uuid.UUID, float] = {}

    async def run(self) -> None:
        while not self._ended.is_set():
            try:
                wanted = await self._threads.database(
                    self._service.lease, self._owner, self._timing.lease
                )
                await self._serve({served.id: served for served in wanted})
            except Exception:  # the database may come back before the leases expire
                logger.exception("the connections of %s cannot be read", self._service.name)
                await self._stop_expired()
            await asyncio.sleep(self._timing.supervise)
        ids = list(self._serving)
        await self._serve({})
        await self._threads.database(self._service.release, self._owner, ids)
        self._threads.end()

    async def _serve(self, wanted: dict[uuid.UUID, Served]) -> None:
        until = time.monotonic() + self._timing.lease
        self._leased = dict.fromkeys(wanted, until)
        await self._stop(
            [
                id_
                for id_, serving in self._serving.items()
                if self._served[id_] != wanted.get(id_) or serving.has_ended
            ]
        )
        for id_ in wanted.keys() - self._serving.keys():
            served = self._served[id_] = wanted[id_]
            adapter = self._service.open(served, self._threads, self._timing)
            self._serving[id_] = Serving(
                served.id, served.agent_id, adapter, self._threads, self._timing
            )

    async def _stop_expired(self) -> None:
        """Stop serving connections whose lease has expired: another worker may serve them now."""
        now = time.monotonic()
        await self._stop([id_ for id_ in self._serving if self._leased.get(id_, 0) < now])

    async def _stop(self, ids: list[uuid.UUID]) -> None:
        ended = [self._serving.pop(id_) for id_ in ids]
        await asyncio.gather(*(serving.stop() for serving in ended))
