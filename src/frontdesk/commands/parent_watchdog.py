"""Ends a child process when its parent is gone, `kill -9` included."""

import os
import signal
import threading
import time

INTERVAL = 1.0  # seconds between two looks


def watch_parent(parent: int) -> None:
    """In a thread: send this process SIGTERM once `parent`, a process id, is not its parent."""
    threading.Thread(target=_watch, args=[parent], name="parent-watchdog", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
