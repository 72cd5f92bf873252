"""A `frontdesk` command as a child process, restarted when it ends, and ended with its parent."""

import logging
import os
import subprocess
import sys
import threading

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds before a restart


class Child:
    """Keeps `frontdesk <name>` running between start() and stop()."""

    def __init__(self, name: str, grace: float) -> None:
        self._name = name
        self._grace = grace
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the command, and restart it whenever it ends."""
        threading.Thread(target=self._watch, name=self._name, daemon=True).start()

    def stop(self) -> None:
        """End the command: by SIGTERM, and after `grace` seconds by SIGKILL."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(self._grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _watch(self) -> None:
        pause = _FIRST_PAUSE
        while (process := self._spawn()) is not None:
            code = process.wait()
            if self._stopping.is_set():
                return
            logger.error("%s ended with code %s; restarting it in %d s", self._name, code, pause)
            self._stopping.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            command = [sys.executable, "-m", "frontdesk", self._name, "--parent", str(os.getpid())]
            # Its own session: Ctrl-C in the terminal reaches only the parent, which ends the child.
            self._process = subprocess.Popen(command, start_new_session=True)
            return self._process
