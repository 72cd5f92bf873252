"""Does something as soon as this process is asked to end, beside whoever handles the signal.

Granian's own handler then waits for the requests in hand, and kills what takes too long.
"""

import atexit
import os
import signal
import threading
from collections.abc import Callable

_ENDINGS = {signal.SIGTERM, signal.SIGINT}


def on_shutdown(act: Callable[[], None]) -> None:
    """Call `act`, in a thread, once SIGTERM or SIGINT has come. From the main thread only.

    It is called once more, and waited for, at the exit: without a request in hand that is at once.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python writes each signal that is handled into it at once, whatever the main thread does.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(reader, act), name="shutdown", daemon=True).start()
    atexit.register(act)


def _wait(reader: int, act: Callable[[], None]) -> None:
    while not _ENDINGS & {*os.read(reader, 64)}:
        pass
    act()
