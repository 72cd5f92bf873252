"""Asking the backend of an agent, whichever kind it is."""

from collections.abc import Iterator

from frontdesk.backends.models import Backend
from frontdesk.backends.question import Cancellation, Question, Usage


def stream(
    backend: Backend, question: Question, cancellation: Cancellation
) -> Iterator[str | Usage]:
    """The answer piece by piece as it comes, and what it took.

    Retried only as long as nothing has come. Raises BackendError when it fails, CancelledError when
    it was cancelled.
    """
    yield "Hello."
