"""Answers that are being given: one to each message, whoever asks for it and however often.

Each is given by a thread of its own, and anyone may follow it, from its first word. The thread
holds a database connection only at its begin and its end. A lease keeps other processes off; of one
that another process gives, the outcome is waited for. An answer that no one follows for a while is
cancelled, for the person has left.
"""

import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass

from django.db import connection

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer, answer
from frontdesk.backends.question import Cancellation, Question
from frontdesk.channels import leases
from frontdesk.channels.conversation import key_of
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.models import EndUser, Message

logger = logging.getLogger(__name__)

IDLE_TIMEOUT = 10.0
"""Seconds without a follower after which an answer is cancelled."""
POLL_EVERY = 0.5
"""Seconds between two looks for an answer that another process gives."""
RENEW_EVERY = 10.0
_TICK = 1.0


@dataclass(frozen=True)
class AnswerResult:
    """What became of an answer. `key` is the ledger's id of it; None: nothing is recorded.

    `text` is all that was said, which is not the whole where it failed or was stopped.
    """

    text: str = ""
    failed: bool = False
    stopped: bool = False
    key: uuid.UUID | None = None
    time: dt.datetime | None = None

    @classmethod
    def of(cls, message: Message) -> "AnswerResult":
        return cls(message.text, message.failed, key=message.id, time=message.sent_at)


class AnswerStream:
    """One answer, while it is given and just after."""

    def __init__(
        self, agent: Agent, event: Event, ask: Callable[[], Question], *, again: bool
    ) -> None:
        self.user = user_id(agent.id, event.platform, event.external_id)
        self.key = key_of(agent, event)
        self._agent, self._event, self._ask, self._again = agent, event, ask, again
        self._cancellation = Cancellation()
        self._interrupted_by = ""
        self.has_turn = False
        self._changed = threading.Condition()
        self._pieces: list[str] = []
        self._followers = 0
        self._left_at = time.monotonic()
        self._result: AnswerResult | None = None
        self._thread = threading.Thread(target=self._run, name=f"answer {self.key}", daemon=True)

    @property
    def result(self) -> AnswerResult:
        """What became of it; only when `follow` has come to its end."""
        assert self._result is not None  # noqa: S101  # a mistake of the caller's
        return self._result

    def start(self) -> None:
        self._thread.start()

    def follow(self, silence: float) -> Generator[str, None, None]:
        """What is said, from the beginning, as it comes.

        An empty text comes after each `silence` seconds without. Ends when the answer is recorded;
        `result` is there then. Close it to leave.
        """
        seen = 0
        with self._changed:
            self._followers += 1
        try:
            while True:
                fresh, is_over = self._news(seen, silence)
                seen += len(fresh)
                if is_over and not fresh:
                    return
                yield "".join(fresh)
        finally:
            with self._changed:
                self._followers -= 1
                self._left_at = time.monotonic()

    def stop(self) -> None:
        """Say no more; what has been said stays."""
        self._cancellation.cancel()

    def interrupt(self, why: str) -> None:
        """Say no more, and record it as an answer that failed, so that it can be tried again."""
        self._interrupted_by = why
        self._cancellation.cancel()

    def join(self, seconds: float) -> None:
        """Wait until it is recorded."""
        self._thread.join(seconds)

    def is_abandoned(self) -> bool:
        with self._changed:
            return not self._followers and time.monotonic() - self._left_at >= IDLE_TIMEOUT

    def _news(self, seen: int, silence: float) -> tuple[list[str], bool]:
        """The pieces after so many, once there are any, and whether it is over."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._pieces) > seen or self._result, silence)
            return self._pieces[seen:], self._result is not None

    def _say(self, piece: str) -> None:
        if not piece:
            return
        with self._changed:
            self._pieces.append(piece)
            self._changed.notify_all()

    def _run(self) -> None:
        result = None
        try:
            result = self._answer()
        except (EndUser.DoesNotExist, Agent.DoesNotExist):
            logger.info("no one is left to be answered: user %s was erased", self.user)
        except Exception:  # the database's; the lease ends by itself
            logger.exception("the answer to message %s of user %s is lost", self.key, self.user)
        finally:
            connection.close()
            _forget(self)
            with self._changed:
                self._result = result or AnswerResult("".join(self._pieces), failed=True)
                self._changed.notify_all()

    def _answer(self) -> AnswerResult:
        again = self._again
        while (turn := leases.take(self._agent, self._event, again=again)) is None:
            again = False  # what the other process gives was asked for as we were
            connection.close()
            if self._cancellation.wait(POLL_EVERY):
                return AnswerResult(stopped=True)
        if isinstance(turn, Message):
            return AnswerResult.of(turn)
        self.has_turn = True
        given = answer(self._ask(), self._say, self._cancellation)
        if given.is_cancelled and self._interrupted_by:
            given.is_cancelled, given.error = False, self._interrupted_by
        return self._kept(given, turn)

    def _kept(self, given: Answer, attempt: int) -> AnswerResult:
        event, outcome = leases.record_and_release(self._agent, self._event, given, attempt)
        failed, stopped = bool(given.error), given.is_cancelled
        if event is None or outcome is None or outcome.status == "rejected":
            return AnswerResult(given.text, failed, stopped)
        return AnswerResult(given.text, failed, stopped, key_of(self._agent, event), event.time)


_streams: dict[uuid.UUID, AnswerStream] = {}
_lock = threading.Lock()
_is_watched = False


def start(
    agent: Agent, event: Event, ask: Callable[[], Question], *, again: bool = False
) -> AnswerStream:
    """The answer to a message that is recorded; begun now, unless it is being given already.

    `ask` makes the question, in the thread that answers. `again`: another attempt, where the
    answer that is recorded failed.
    """
    global _is_watched
    key = key_of(agent, event)
    with _lock:
        stream = _streams.get(key)
        if stream is not None:
            return stream
        stream = AnswerStream(agent, event, ask, again=again)
        stream.start()  # where no thread can be begun, nothing must wait for it
        _streams[key] = stream
        if not _is_watched:
            _is_watched = True
            threading.Thread(target=_watch, name="answers", daemon=True).start()
    return stream


def stop(user: uuid.UUID, key: uuid.UUID) -> None:
    """The person wants to read no more of the answer to this message, whoever gives it."""
    with _lock:
        stream = _streams.get(key)
    if stream is not None:
        stream.stop()
    else:
        leases.ask_to_stop(user, key)


def end_all(why: str, patience: float) -> None:
    """This process ends: what has been said is recorded, and can be asked for again.

    Waits `patience` seconds at most.
    """
    with _lock:
        left = list(_streams.values())
    for stream in left:
        stream.interrupt(why)
    until = time.monotonic() + patience
    for stream in left:
        stream.join(max(0.0, until - time.monotonic()))


def _forget(stream: AnswerStream) -> None:
    with _lock:
        if _streams.get(stream.key) is stream:
            del _streams[stream.key]


def _watch() -> None:
    """Cancel what no one follows, and renew the leases of the others, while there are any."""
    global _is_watched
    renewed_at = time.monotonic()
    while True:
        time.sleep(_TICK)
        with _lock:
            open_streams = list(_streams.values())
            if not open_streams:
                _is_watched = False
                return
        for stream in open_streams:
            if stream.is_abandoned():
                stream.stop()
        if time.monotonic() - renewed_at >= RENEW_EVERY:
            renewed_at = time.monotonic()
            _renew(open_streams)


def _renew(open_streams: list[AnswerStream]) -> None:
    # Decided before the rows are read: a stream that gets its turn after that has none among them.
    with_turn = [stream for stream in open_streams if stream.has_turn]
    try:
        ours = leases.renew([(stream.user, stream.key) for stream in with_turn])
    except Exception:  # the next one may succeed: a lease outlives two that are missed
        logger.exception("the leases of answers could not be prolonged")
        return
    finally:
        connection.close()
    for stream in with_turn:
        if stream.key not in ours:
            stream.stop()  # by the person, at another process
