"""Group commit: requests for one agent that arrive together are recorded together.

A commit costs the same for one event as for a hundred. The first request leads: it records its own
events at once. Requests that arrive in the meantime queue; when the leader is done, the first of
them leads, and its batch includes all others that fit. A request never waits unless another one is
recording, and is answered only after the commit that contains its events.
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
"""Events that are recorded together, unless a single request has more."""

Record = Callable[[Agent, Sequence[Event]], list[Outcome]]


class _Request:
    """The events of one request, and their outcomes."""

    __slots__ = ("events", "result", "turn")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.result: list[Outcome] | Exception | None = None
        self.turn = threading.Event()
        """Set when there is a result, or when this request has to lead."""


class GroupCommit:
    """Joins the `record` calls of this process's threads, agent by agent."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._queues: dict[uuid.UUID, deque[_Request]] = {}
        """Waiting requests, in order; an agent's queue exists while a request leads."""

    def __call__(self, agent: Agent, events: Sequence[Event]) -> list[Outcome]:
        """Record the events, perhaps with those of other requests; return their outcomes, in order.

        Raises what `record` raises. A database error is raised for the whole batch, because none of
        it was committed. After any other error each request is recorded separately.
        """
        own = _Request(events)
        if not self._leads(agent, own):
            # A waiting thread must not hold a pooled connection, which the leader may need.
            close_old_connections()
            own.turn.wait()
        result = own.result if own.result is not None else self._lead(agent, own)
        if isinstance(result, Exception):
            raise result
        return result

    def _leads(self, agent: Agent, own: _Request) -> bool:
        with self._lock:
            queue = self._queues.get(agent.id)
            if queue is None:
                self._queues[agent.id] = deque()
                return True
            queue.append(own)
            return False

    def _lead(self, agent: Agent, own: _Request) -> list[Outcome] | Exception:
        batch = [own, *self._dequeue(agent, MAX_BATCH - len(own.events))]
        try:
            self._record_all(agent, batch)
        finally:  # even if this thread is being ended: no request may wait for it forever
            self._hand_over(agent)
            for request in batch:
                if request.result is None:
                    request.result = InterfaceError("the recording thread was ended")
                request.turn.set()
        return own.result or []

    def _dequeue(self, agent: Agent, capacity: int) -> list[_Request]:
        """The requests at the head of the queue whose events fit."""
        taken: list[_Request] = []
        with self._lock:
            queue = self._queues[agent.id]
            while queue and len(queue[0].events) <= capacity:
                taken.append(queue.popleft())
                capacity -= len(taken[-1].events)
        return taken

    def _hand_over(self, agent: Agent) -> None:
        with self._lock:
            queue = self._queues[agent.id]
            if queue:
                queue.popleft().turn.set()
            else:
                del self._queues[agent.id]

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
            logger.warning("a batch of %d requests failed; recording them one by one", len(batch))
            for request in batch:
                self._record_all(agent, [request])
        else:
            start = 0
            for request in batch:
                request.result = outcomes[start : start + len(request.events)]
                start += len(request.events)


record_together = GroupCommit(record)
"""This process's instance."""
