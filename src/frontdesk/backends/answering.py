"""Asking the backend of an agent, whichever kind it is."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from importlib import import_module

from frontdesk.backends.models import Backend
from frontdesk.backends.question import (
    BackendError,
    Cancellation,
    CancelledError,
    Question,
    Usage,
)
from frontdesk.backends.usage import settle

PAUSES = (0.5, 2.0)
"""Seconds before the second and the third attempt."""
LONGEST_PAUSE = 10.0
"""A server that wants a longer one is not asked again: somebody is waiting."""

_KINDS = {
    Backend.Kind.DEMO: "frontdesk.backends.demo",
    Backend.Kind.OPENAI: "frontdesk.backends.openai_compatible",
    Backend.Kind.HTTP: "frontdesk.backends.http_agent",
}

Ask = Callable[[Backend, Question, Cancellation], Generator[str | Usage]]


def stream(
    backend: Backend, question: Question, cancellation: Cancellation
) -> Iterator[str | Usage]:
    """The answer piece by piece as it comes, and what it took.

    Retried only as long as nothing has come. Raises BackendError when it fails, CancelledError when
    it was cancelled.
    """
    for pause in (*PAUSES, None):
        has_begun = False
        try:
            for piece in _attempt(backend, question, cancellation):
                has_begun |= isinstance(piece, str)
                yield piece
        except BackendError as error:
            if cancellation.is_cancelled:
                raise CancelledError from None  # what ending it led to is no failure
            wait = _pause_before_retry(error, pause)
            if has_begun or wait is None:
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
    # Imported when first asked: the openai library takes half a second, which nobody has at start.
    ask: Ask = import_module(_KINDS[Backend.Kind(backend.kind)]).ask
    return ask


def _pause_before_retry(error: BackendError, pause: float | None) -> float | None:
    """Seconds to wait, or None when it is not to be tried again."""
    if pause is None or not error.may_retry:
        return None
    if error.after is None:
        return pause
    return max(error.after, 0) if error.after <= LONGEST_PAUSE else None
