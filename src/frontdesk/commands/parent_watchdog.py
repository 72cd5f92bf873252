"""A child process ends when the process that it serves is gone, `kill -9` included."""

import os
import signal
import threading
import time
from collections.abc import Callable

CHECKED_EVERY = 1.0  # seconds


def parent_watchdog(parent: int) -> None:
    """Send this process SIGTERM once `parent`, its parent's process id, is not that any more."""
    _in_background(lambda: _wait_until_orphaned(parent))


def _wait_until_orphaned(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(CHECKED_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)


def _in_background(function: Callable[[], None]) -> None:
    threading.Thread(target=function, name="parent-watchdog", daemon=True).start()
