"""Answers that stream at this moment: each holds a thread of the server, and some must be left.

Otherwise people who wait for slow answers would keep everyone else out, operators included.
"""

import threading
from collections.abc import Iterator

from django.conf import settings

_lock = threading.Lock()
_open = 0


def most() -> int:
    """How many may stream at once: seven eighths of the threads."""
    return max(1, settings.ENV.threads * 7 // 8)


class Stream:
    """Events with a place among the streams, which is given back when they end or are closed."""

    def __init__(self, events: Iterator[bytes]) -> None:
        self._events = events
        self._has_place = True

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        """Called by the server in any case; a generator that never began would not notice."""
        close = getattr(self._events, "close", None)
        try:
            if close is not None:
                close()
        finally:
            if self._has_place:
                self._has_place = False
                leave()


def enter() -> bool:
    """Take a place, if there is one; it is given back by `Stream.close` or `leave`."""
    global _open
    with _lock:
        if _open >= most():
            return False
        _open += 1
        return True


def leave() -> None:
    global _open
    with _lock:
        _open -= 1
