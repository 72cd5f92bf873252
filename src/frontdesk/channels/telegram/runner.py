"""The Telegram runner: all bots of an installation, in one thread of `frontdesk worker`."""

import asyncio
import logging
import threading
import time
import uuid
from typing import TYPE_CHECKING

from frontdesk.channels.telegram.bots import ServedBot, lease, release
from frontdesk.channels.telegram.threads import Threads
from frontdesk.channels.telegram.timing import Pace

if TYPE_CHECKING:
    from frontdesk.channels.telegram.serving import Serving

logger = logging.getLogger(__name__)


class TelegramRunner:
    """Serves the bots that no other worker serves, from start() to the end of the process.

    `owner` is the worker's name in the leases. It stays the same when the worker of a home is
    started again, so that it need not wait until the lease of the dead one has run out.
    """

    def __init__(self, owner: uuid.UUID, pace: Pace | None = None) -> None:
        self._owner = owner
        self._pace = pace or Pace()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telegram", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End, and let go of the bots."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(_Supervisor(self._owner, self._pace, self._ended).run())


class _Supervisor:
    """Looks again and again which bots there are, and begins and ends their services."""

    def __init__(self, owner: uuid.UUID, pace: Pace, ended: threading.Event) -> None:
        self._owner = owner
        self._pace = pace
        self._ended = ended
        self._threads = Threads()
        self._services: dict[uuid.UUID, Serving] = {}
        self._leased: dict[uuid.UUID, float] = {}

    async def run(self) -> None:
        while not self._ended.is_set():
            try:
                wanted = await self._threads.database(lease, self._owner, self._pace.lease)
                await self._serve({served.id: served for served in wanted})
            except Exception:  # without a database now, the leases run out, or it comes back
                logger.exception("the bots that there are cannot be read")
                await self._end_what_has_run_out()
            await asyncio.sleep(self._pace.supervise)
        bots = list(self._services)
        await self._serve({})
        await self._threads.database(release, self._owner, bots)
        self._threads.end()

    async def _serve(self, wanted: dict[uuid.UUID, ServedBot]) -> None:
        until = time.monotonic() + self._pace.lease
        self._leased = dict.fromkeys(wanted, until)
        await self._stop(
            [
                id_
                for id_, service in self._services.items()
                if service.served != wanted.get(id_) or service.has_ended
            ]
        )
        for id_ in wanted.keys() - self._services.keys():
            # aiogram takes two seconds to be imported, and 60 MB: only where there is a bot.
            from frontdesk.channels.telegram.serving import Serving

            self._services[id_] = Serving(wanted[id_], self._threads, self._pace)

    async def _end_what_has_run_out(self) -> None:
        """Another worker may serve these by now."""
        now = time.monotonic()
        await self._stop([id_ for id_ in self._services if self._leased.get(id_, 0) < now])

    async def _stop(self, bots: list[uuid.UUID]) -> None:
        ended = [self._services.pop(id_) for id_ in bots]
        await asyncio.gather(*(service.stop() for service in ended))
