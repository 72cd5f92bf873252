"""Calls a function as soon as this process is asked to end, in addition to the signal's handler.

Granian's own handler waits for the requests in progress, and kills those that take too long.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable

_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def on_shutdown(callback: Callable[[], None]) -> None:
    """Call `callback`, in a thread, after SIGTERM or SIGINT. For the main thread only.

    It is called again, and waited for, at exit, which follows at once if no request is in progress.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python writes each handled signal to the pipe at once, whatever the main thread is doing.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=[reader, callback], name="shutdown", daemon=True).start()
    atexit.register(callback)


def _wait(reader: int, callback: Callable[[], None]) -> None:
    while not _SIGNALS & {*os.read(reader, 64)}:
        pass
    callback()
