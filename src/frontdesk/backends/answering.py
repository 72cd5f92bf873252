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
                yield settle(backend, piece) if isinstance(piece, Usage) else piece
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
    result, started = Answer(), time.monotonic()
    try:
        lend_connection()
        _collect(stream(question.backend, question, cancellation), result, say)
    except CancelledError:
        result.is_cancelled = True
    except BackendError as error:
        result.error = str(error)
    except Exception:  # a bug in a backend must neither lose the message nor stop the channel
        logger.exception("the backend of agent %s failed", question.agent.id)
        result.error = _("internal error; see the log of the server")
    if cancellation.is_cancelled:
        result.error, result.is_cancelled = "", True  # closing the connection is not a failure
    if not (result.text or result.error or result.is_cancelled):
        result.error = _("the answer was empty")
    result.latency_ms = round((time.monotonic() - started) * 1000)
    return result


def _collect(pieces: "Iterator[str | Usage]", result: Answer, say: Callable[[str], None]) -> None:
    for piece in pieces:
        if isinstance(piece, Usage):
            result.usage = piece
            continue
        piece = storable(piece)  # half an emoji can be neither stored nor sent
        room = MAX_TEXT - len(result.text)
        result.text += piece[:room]
        say(piece[:room])
        if len(piece) > room:
            raise BackendError(
                _("the answer is longer than %(count)s characters") % {"count": f"{MAX_TEXT:,}"}
            )
