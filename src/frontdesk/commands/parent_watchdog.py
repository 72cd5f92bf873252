"""Ends a child process when its parent is gone, even after `kill -9`."""

import os
import signal
import threading
import time

INTERVAL = 1.0  # seconds between checks


def watch_parent(parent: int) -> None:
    """In a thread, send this process SIGTERM once process `parent` is no longer its parent."""
    threading.Thread(target=_watch, args=[parent], name="parent-watchdog", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
