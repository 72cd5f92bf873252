"""Answers that are being given: one to each message, whoever asks for it and however often.

Each is given by a thread of its own, and anyone may follow it, from its first word. The thread
holds a database connection only at its begin and its end. A lease keeps other processes off; of one
that another process gives, the outcome is waited for. An answer that nobody follows for a while is
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
BEAT_EVERY = 10.0
_TICK = 1.0


@dataclass(frozen=True)
class Ending:
    """What became of an answer. `key` is the ledger's id of it; None: nothing is recorded.

    `text` is all that was said, which is not the whole where it failed or was stopped.
    """

    text: str = ""
    failed: bool = False
    stopped: bool = False
    key: uuid.UUID | None = None
    time: dt.datetime | None = None

    @classmethod
    def of(cls, message: Message) -> "Ending":
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
        self._ending: Ending | None = None
        self._thread = threading.Thread(target=self._run, name=f"answer {self.key}", daemon=True)

    @property
    def ending(self) -> Ending:
        """What became of it; only when `follow` has come to its end."""
        assert self._ending is not None  # noqa: S101  # a mistake of the caller's
        return self._ending

    def start(self) -> None:
        self._thread.start()

    def follow(self, silence: float) -> Generator[str, None, None]:
        """What is said, from the beginning, as it comes.

        An empty text comes after each `silence` seconds without. Ends when the answer is recorded;
        `ending` is there then. Close it to leave.
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
            self._changed.wait_for(lambda: len(self._pieces) > seen or self._ending, silence)
            return self._pieces[seen:], self._ending is not None

    def _say(self, piece: str) -> None:
        if not piece:
            return
        with self._changed:
            self._pieces.append(piece)
            self._changed.notify_all()

    def _run(self) -> None:
        ending = None
        try:
            ending = self._give()
        except (EndUser.DoesNotExist, Agent.DoesNotExist):
            logger.info("nobody is left to be answered: user %s was erased", self.user)
        except Exception:  # the database's; the lease ends by itself
            logger.exception("the answer to message %s of user %s is lost", self.key, self.user)
        finally:
            connection.close()
            _forget(self)
            with self._changed:
                self._ending = ending or Ending("".join(self._pieces), failed=True)
                self._changed.notify_all()

    def _give(self) -> Ending:
        again = self._again
        while (turn := leases.take(self._agent, self._event, again=again)) is None:
            again = False  # what the other process gives was asked for as we were
            connection.close()
            if self._cancellation.wait(POLL_EVERY):
                return Ending(stopped=True)
        if isinstance(turn, Message):
            return Ending.of(turn)
        self.has_turn = True
        given = answer(self._ask(), self._say, self._cancellation)
        if given.is_cancelled and self._interrupted_by:
            given.is_cancelled, given.error = False, self._interrupted_by
        return self._kept(given, turn)

    def _kept(self, given: Answer, attempt: int) -> Ending:
        event, outcome = leases.keep(self._agent, self._event, given, attempt)
        failed, stopped = bool(given.error), given.is_cancelled
        if event is None or outcome is None or outcome.status == "rejected":
            return Ending(given.text, failed, stopped)
        return Ending(given.text, failed, stopped, key_of(self._agent, event), event.time)


_givings: dict[uuid.UUID, AnswerStream] = {}
_lock = threading.Lock()
_is_watched = False


def give(
    agent: Agent, event: Event, ask: Callable[[], Question], *, again: bool = False
) -> AnswerStream:
    """The answer to a message that is recorded; begun now, unless it is being given already.

    `ask` makes the question, in the thread that answers. `again`: another attempt, where the
    answer that is recorded failed.
    """
    global _is_watched
    key = key_of(agent, event)
    with _lock:
        giving = _givings.get(key)
        if giving is not None:
            return giving
        giving = AnswerStream(agent, event, ask, again=again)
        giving.start()  # where no thread can be begun, nothing must wait for it
        _givings[key] = giving
        if not _is_watched:
            _is_watched = True
            threading.Thread(target=_watch, name="answers", daemon=True).start()
    return giving


def stop(user: uuid.UUID, key: uuid.UUID) -> None:
    """The person wants to read no more of the answer to this message, whoever gives it."""
    with _lock:
        giving = _givings.get(key)
    if giving is not None:
        giving.stop()
    else:
        leases.ask_to_stop(user, key)


def end_all(why: str, patience: float) -> None:
    """This process ends: what has been said is recorded, and can be asked for again.

    Waits `patience` seconds at most.
    """
    with _lock:
        left = list(_givings.values())
    for giving in left:
        giving.interrupt(why)
    until = time.monotonic() + patience
    for giving in left:
        giving.join(max(0.0, until - time.monotonic()))


def _forget(giving: AnswerStream) -> None:
    with _lock:
        if _givings.get(giving.key) is giving:
            del _givings[giving.key]


def _watch() -> None:
    """Cancel what nobody follows, and prolong the leases of the others, while there are any."""
    global _is_watched
    beaten = time.monotonic()
    while True:
        time.sleep(_TICK)
        with _lock:
            now_given = list(_givings.values())
            if not now_given:
                _is_watched = False
                return
        for giving in now_given:
            if giving.is_abandoned():
                giving.stop()
        if time.monotonic() - beaten >= BEAT_EVERY:
            beaten = time.monotonic()
            _beat(now_given)


def _beat(now_given: list[AnswerStream]) -> None:
    # Decided before the rows are read: who gets his turn after that has none among them.
    with_turn = [giving for giving in now_given if giving.has_turn]
    try:
        ours = leases.beat([(giving.user, giving.key) for giving in with_turn])
    except Exception:  # the next one may succeed: a lease outlives two that are missed
        logger.exception("the leases of answers could not be prolonged")
        return
    finally:
        connection.close()
    for giving in with_turn:
        if giving.key not in ours:
            giving.stop()  # by the person, at another process
