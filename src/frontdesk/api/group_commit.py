"""Group commit: requests for one agent that arrive together are recorded together.

A commit costs the same for one event as for a hundred. So the first request leads: it records its
own events at once. Those that arrive in the meantime wait in line; when the leader is done, the
first of them leads, and takes along all the others that fit into one batch. Nobody waits when
nobody else is recording, and every request is answered only after the commit that holds its events.
"""

import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, close_old_connections

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event, Outcome
from frontdesk.ledger.record import record

logger = logging.getLogger(__name__)

MAX_BATCH = 1_000
"""Events that are recorded together, unless one request alone brings more."""

Record = Callable[[Agent, Sequence[Event]], list[Outcome]]


class _Request:
    """The events of one request, and what became of them."""

    __slots__ = ("events", "result", "turn")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.result: list[Outcome] | Exception | None = None
        self.turn = threading.Event()
        """Set when the result is there; or, when it is not, for this request to lead."""


class GroupCommit:
    """Joins the `record` calls of this process's threads, agent by agent."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._lines: dict[uuid.UUID, deque[_Request]] = {}
        """Who waits, in order; an agent's line exists while someone leads."""

    def __call__(self, agent: Agent, events: Sequence[Event]) -> list[Outcome]:
        """Record the events, perhaps with those of others; return their outcomes, in their order.

        Raises what `record` raises. An error of the database is everyone's, as nothing of the batch
        was committed; with any other error each request is recorded by itself.
        """
        mine = _Request(events)
        if not self._leads(agent, mine):
            # A waiting thread must not keep a connection from the pool: the leader may need it.
            close_old_connections()
            mine.turn.wait()
        result = mine.result if mine.result is not None else self._lead(agent, mine)
        if isinstance(result, Exception):
            raise result
        return result

    def _leads(self, agent: Agent, mine: _Request) -> bool:
        with self._lock:
            line = self._lines.get(agent.id)
            if line is None:
                self._lines[agent.id] = deque()
                return True
            line.append(mine)
            return False

    def _lead(self, agent: Agent, mine: _Request) -> list[Outcome] | Exception:
        batch = [mine, *self._take(agent, MAX_BATCH - len(mine.events))]
        try:
            self._record_all(agent, batch)
        finally:  # also when this thread is being ended: nobody must wait for it
            self._hand_over(agent)
            for request in batch:
                if request.result is None:
                    request.result = InterfaceError("the thread that recorded was ended")
                request.turn.set()
        return mine.result or []

    def _take(self, agent: Agent, room: int) -> list[_Request]:
        """Those at the head of the line whose events fit into the room."""
        taken: list[_Request] = []
        with self._lock:
            line = self._lines[agent.id]
            while line and len(line[0].events) <= room:
                taken.append(line.popleft())
                room -= len(taken[-1].events)
        return taken

    def _hand_over(self, agent: Agent) -> None:
        with self._lock:
            line = self._lines[agent.id]
            if line:
                line.popleft().turn.set()
            else:
                del self._lines[agent.id]

    def _record_all(self, agent: Agent, batch: list[_Request]) -> None:
        try:
            outcomes = self._record(agent, [event for r in batch for event in r.events])
        except (OperationalError, InterfaceError) as error:
            for request in batch:
                request.result = error
        except Exception as error:
            if len(batch) == 1:
                batch[0].result = error
                return
            logger.warning("a batch of %d requests failed; one by one now", len(batch))
            for request in batch:
                self._record_all(agent, [request])
        else:
            start = 0
            for request in batch:
                request.result = outcomes[start : start + len(request.events)]
                start += len(request.events)


record_together = GroupCommit(record)
"""The one of this process."""
