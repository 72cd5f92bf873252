"""Asks the backend of an agent, of any kind."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module

from django.utils.translation import gettext as _

from frontdesk.backends.models import Backend
from frontdesk.backends.question import (
    BackendError,
    Cancellation,
    CancelledError,
    Question,
    Usage,
)
from frontdesk.backends.usage import settle
from frontdesk.core.sql.connections import lend_connection
from frontdesk.core.text import storable
from frontdesk.ledger.events import MAX_TEXT

logger = logging.getLogger(__name__)

PAUSES = (0.5, 2.0)
"""Seconds before the second and the third attempt."""
MAX_READ = 10 * MAX_TEXT
"""Characters after which an answer that is cut anyway is not even read to its usage."""
CUT = "\n\n[…]"
"""The end of an answer that was longer than the ledger takes."""
LONGEST_PAUSE = 10.0
"""A server that asks for a longer one is not retried: a person is waiting."""

_KINDS = {
    Backend.Kind.DEMO: "frontdesk.backends.demo",
    Backend.Kind.OPENAI: "frontdesk.backends.openai_compatible",
    Backend.Kind.HTTP: "frontdesk.backends.http_agent",
}

Ask = Callable[[Backend, Question, Cancellation], Generator[str | Usage]]


def stream(
    backend: Backend, question: Question, cancellation: Cancellation
) -> Iterator[str | Usage]:
    """The answer piece by piece as it arrives, and its usage.

    Retried only while nothing has arrived. Raises BackendError when it fails and CancelledError
    when it is cancelled.
    """
    for pause in (*PAUSES, None):
        has_started = False
        try:
            for piece in _attempt(backend, question, cancellation):
                has_started |= isinstance(piece, str)
                yield piece
        except BackendError as error:
            if cancellation.is_cancelled:
                raise CancelledError from None  # closing the connection is not a failure
            wait = _pause_before_retry(error, pause)
            if has_started or wait is None:
                raise
        else:
            return
        if cancellation.wait(wait):
            raise CancelledError


def _attempt(
    backend: Backend, question: Question, cancellation: Cancellation
) -> Iterator[str | Usage]:
    with closing(_ask_of(backend)(backend, question, cancellation)) as pieces:
        for piece in pieces:
            if cancellation.is_cancelled:
                break
            if piece:
                yield settle(piece) if isinstance(piece, Usage) else piece
    if cancellation.is_cancelled:
        raise CancelledError


def _ask_of(backend: Backend) -> Ask:
    # Imported on first use: importing openai takes half a second, too long at startup.
    ask: Ask = import_module(_KINDS[Backend.Kind(backend.kind)]).ask
    return ask


def _pause_before_retry(error: BackendError, pause: float | None) -> float | None:
    """Seconds to wait, or None when it must not be retried."""
    if pause is None or not error.may_retry:
        return None
    if error.after is None:
        return pause
    return max(error.after, 0) if error.after <= LONGEST_PAUSE else None


def fit(text: str) -> str:
    """The text, cut if it is too long to be recorded, with an ending that shows it."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - len(CUT)] + CUT


@dataclass
class Answer:
    """The result of a question. `error`, for operators, says why it failed; empty if it did not.

    `text` is only a part of the answer if it failed or was cancelled.
    """

    text: str = ""
    usage: Usage = field(default_factory=Usage)
    latency_ms: int = 0
    error: str = ""
    is_cancelled: bool = False

    @property
    def is_worth_keeping(self) -> bool:
        """Whether there is anything to record: an abandoned answer may have no text yet."""
        return bool(self.text or self.error) or not self.is_cancelled


def answer(
    question: Question, say: Callable[[str], None], cancellation: Cancellation | None = None
) -> Answer:
    """Ask the question's backend; `say` gets each piece of text as it arrives.

    Never raises because of a backend: a failure is in the answer. Holds no database connection
    while it waits.
    """
    cancellation = cancellation or Cancellation()
    result, said, started = Answer(), _Said(say), time.monotonic()
    try:
        lend_connection()
        _collect(stream(question.backend, question, cancellation), result, said)
    except CancelledError:
        result.is_cancelled = True
    except BackendError as error:
        result.error = str(error)
    except Exception:  # a bug in a backend must neither lose the message nor stop the channel
        logger.exception("the backend of agent %s failed", question.agent.id)
        result.error = _("internal error; see the log of the server")
    result.text = said.finish()
    if said.length > MAX_TEXT:
        logger.warning("an answer of agent %s is cut: it is too long", question.agent.id)
    if cancellation.is_cancelled:
        result.error, result.is_cancelled = "", True  # closing the connection is not a failure
    if not (result.text or result.error or result.is_cancelled):
        result.error = _("the answer was empty")
    result.latency_ms = round((time.monotonic() - started) * 1000)
    return result


class _Said:
    """The text so far. As much of it is held back as is replaced by an ending if it is cut."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._pieces: list[str] = []
        self.length = 0

    def add(self, piece: str) -> None:
        room = max(0, MAX_TEXT - self.length)
        unsaid = max(0, MAX_TEXT - len(CUT) - self.length)
        self.length += len(piece)
        # One character more than is recorded shows that it is cut.
        self._pieces.append(piece[: room + 1])
        if piece[:unsaid]:
            self._say(piece[:unsaid])

    def finish(self) -> str:
        text = fit("".join(self._pieces))
        if text[MAX_TEXT - len(CUT) :]:
            self._say(text[MAX_TEXT - len(CUT) :])
        return text


def _collect(pieces: "Iterator[str | Usage]", result: Answer, said: _Said) -> None:
    for piece in pieces:
        if isinstance(piece, Usage):
            result.usage = piece
        else:
            said.add(storable(piece))  # half an emoji can be neither stored nor sent
        if said.length > MAX_READ:
            break
