"""A limit on answers that stream at the same time: each holds a thread of the server.

Without it, people who wait for slow answers would lock everyone else out, including operators.
"""

import threading
from collections.abc import Iterator

from django.conf import settings

_lock = threading.Lock()
_open = 0


def max_streams() -> int:
    """How many may stream at once: seven eighths of the threads."""
    return max(1, settings.ENV.threads * 7 // 8)


class Stream:
    """Events that hold one of the stream slots until they are closed."""

    def __init__(self, events: Iterator[bytes]) -> None:
        self._events = events
        self._has_slot = True

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        """Always called by the server; a generator that never started would not run its cleanup."""
        close = getattr(self._events, "close", None)
        try:
            if close is not None:
                close()
        finally:
            if self._has_slot:
                self._has_slot = False
                release()


def acquire() -> bool:
    """Take a slot if one is free; `Stream.close` or `release` frees it."""
    global _open
    with _lock:
        if _open >= max_streams():
            return False
        _open += 1
        return True


def release() -> None:
    global _open
    with _lock:
        _open -= 1
