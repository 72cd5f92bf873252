"""Calls a function as soon as this process is asked to end, beside the signal's own handler.

Granian's handler waits for the requests in progress, and kills those that take too long.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable

_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def on_shutdown(callback: Callable[[], None]) -> None:
    """Call `callback`, in a thread, after SIGTERM or SIGINT. For the main thread only.

    It is called again, and waited for, at exit: without requests in progress that comes at once.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python writes each handled signal into the pipe at once, whatever the main thread does.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=[reader, callback], name="shutdown", daemon=True).start()
    atexit.register(callback)


def _wait(reader: int, callback: Callable[[], None]) -> None:
    while not _SIGNALS & {*os.read(reader, 64)}:
        pass
    callback()
