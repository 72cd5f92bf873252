"""Answers in progress: one for each message, however often it is requested.

Each runs in its own thread, and can be followed from its first word by any number of requests. The
thread holds a database connection only at its start and its end. A lease keeps other processes
away; when another process holds it, this one waits for the result. An answer that no one follows
for a while is cancelled, because the person has left.
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
from frontdesk.backends import answering
from frontdesk.backends.answering import Answer
from frontdesk.backends.question import Cancellation, Question
from frontdesk.channels import leases
from frontdesk.channels.conversation import key_of
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.models import EndUser, Message

logger = logging.getLogger(__name__)

IDLE_TIMEOUT = 10.0
"""Seconds without a follower after which an answer is cancelled."""
POLL_EVERY = 0.5
"""Seconds between two checks for the answer of another process."""
RENEW_EVERY = 10.0
_TICK = 1.0


@dataclass(frozen=True)
class AnswerResult:
    """The result of an answer. `key` is its id in the ledger; None if nothing is recorded.

    `text` is incomplete if the answer failed or was stopped.
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
    """One answer, in progress or just finished."""

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
        """The result, available once `follow` has ended."""
        assert self._result is not None  # noqa: S101  # a mistake in the caller
        return self._result

    def start(self) -> None:
        self._thread.start()

    def follow(self, silence: float) -> Generator[str, None, None]:
        """The answer from its beginning, piece by piece as it arrives.

        Yields an empty text after every `silence` seconds without a piece. Ends when the answer is
        recorded; `result` is available then. Close it to stop following.
        """
        seen = 0
        with self._changed:
            self._followers += 1
        try:
            while True:
                fresh, is_over = self._wait_for_pieces(seen, silence)
                seen += len(fresh)
                if is_over and not fresh:
                    return
                yield "".join(fresh)
        finally:
            with self._changed:
                self._followers -= 1
                self._left_at = time.monotonic()

    def stop(self) -> None:
        """End the answer; the text so far is recorded."""
        self._cancellation.cancel()

    def interrupt(self, reason: str) -> None:
        """End the answer and record it as failed, so that it can be tried again."""
        self._interrupted_by = reason
        self._cancellation.cancel()

    def join(self, seconds: float) -> None:
        """Wait until it is recorded."""
        self._thread.join(seconds)

    def is_abandoned(self) -> bool:
        with self._changed:
            return not self._followers and time.monotonic() - self._left_at >= IDLE_TIMEOUT

    def _wait_for_pieces(self, seen: int, silence: float) -> tuple[list[str], bool]:
        """The pieces after the first `seen`, once there are any, and whether the answer is over."""
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
            logger.info("no answer is needed: user %s was erased", self.user)
        except Exception:  # from the database; the lease ends by itself
            logger.exception("the answer to message %s of user %s is lost", self.key, self.user)
        finally:
            connection.close()
            _forget(self)
            with self._changed:
                self._result = result or AnswerResult("".join(self._pieces), failed=True)
                self._changed.notify_all()

    def _answer(self) -> AnswerResult:
        again = self._again
        while (turn := leases.acquire(self._agent, self._event, again=again)) is None:
            again = False  # the other process is making the attempt that we were asked for
            connection.close()
            if self._cancellation.wait(POLL_EVERY):
                # The other process may be dead: this one's end is no answer.
                was_stopped = not self._interrupted_by
                return AnswerResult(failed=not was_stopped, stopped=was_stopped)
        if isinstance(turn, Message):
            return AnswerResult.of(turn)
        self.has_turn = True
        answer = answering.answer(self._ask(), self._say, self._cancellation)
        if answer.is_cancelled and self._interrupted_by:
            answer.is_cancelled, answer.error = False, self._interrupted_by
        return self._record(answer, turn)

    def _record(self, answer: Answer, attempt: int) -> AnswerResult:
        event, outcome = leases.record_and_release(self._agent, self._event, answer, attempt)
        failed, stopped = bool(answer.error), answer.is_cancelled
        if event is None or outcome is None or outcome.status == "rejected":
            return AnswerResult(answer.text, failed, stopped)
        return AnswerResult(answer.text, failed, stopped, key_of(self._agent, event), event.time)


_streams: dict[uuid.UUID, AnswerStream] = {}
_lock = threading.Lock()
_is_watched = False


def start(
    agent: Agent, event: Event, ask: Callable[[], Question], *, again: bool = False
) -> AnswerStream:
    """Start the answer to a recorded message, or return the one in progress.

    `ask` makes the question, in the thread that answers. `again`: make another attempt if the
    recorded answer failed.
    """
    global _is_watched
    key = key_of(agent, event)
    with _lock:
        stream = _streams.get(key)
        if stream is not None:
            return stream
        stream = AnswerStream(agent, event, ask, again=again)
        stream.start()  # first: if no thread can be started, nothing must wait for it
        _streams[key] = stream
        if not _is_watched:
            _is_watched = True
            threading.Thread(target=_watch, name="answers", daemon=True).start()
    return stream


def stop(user: uuid.UUID, key: uuid.UUID) -> None:
    """Stop the answer to this message, in whichever process it is in progress."""
    with _lock:
        stream = _streams.get(key)
    if stream is not None:
        stream.stop()
    else:
        leases.ask_to_stop(user, key)


def interrupt_all(reason: str, timeout: float) -> None:
    """Record all answers as failed because this process ends, so that they can be tried again.

    Waits `timeout` seconds at most.
    """
    with _lock:
        left = list(_streams.values())
    for stream in left:
        stream.interrupt(reason)
    until = time.monotonic() + timeout
    for stream in left:
        stream.join(max(0.0, until - time.monotonic()))


def _forget(stream: AnswerStream) -> None:
    with _lock:
        if _streams.get(stream.key) is stream:
            del _streams[stream.key]


def _watch() -> None:
    """Cancel abandoned answers and renew the leases of the others, until none is left."""
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
    # Listed before the rows are read: a stream that gets its turn later has no row among them.
    with_turn = [stream for stream in open_streams if stream.has_turn]
    try:
        ours = leases.renew([(stream.user, stream.key) for stream in with_turn])
    except Exception:  # the next try may succeed: a lease survives two missed renewals
        logger.exception("the leases of answers could not be renewed")
        return
    finally:
        connection.close()
    for stream in with_turn:
        if stream.key not in ours:
            stream.stop()  # the person stopped it through another process
