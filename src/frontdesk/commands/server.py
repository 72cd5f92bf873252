"""Granian and the background worker beside it, started and ended together."""

import errno
import http.client
import multiprocessing
import os
import resource
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from frontdesk.commands.child import Child
from frontdesk.commands.errors import CommandError
from frontdesk.commands.parent_watchdog import watch_parent
from frontdesk.commands.shutdown import on_shutdown

GRACE_SECONDS = 5
"""How long a process may finish its requests when the server ends."""
MAX_FILES = 10_000
"""One process's threads never need more open files."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound


class Companion(Protocol):
    """Something that runs beside the server."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Server:
    """The web server's processes and their companions."""

    def __init__(
        self, host: str, port: int, workers: int, threads: int, *, background_worker: bool
    ) -> None:
        self._address = (_EVERYWHERE.get(host, host), port)
        self.url = f"http://{_in_url(self._address[0])}:{port}"
        self._companions: list[Companion] = []
        if background_worker:
            self.run_beside(Child("worker", GRACE_SECONDS))
        self._granian = Granian(
            "frontdesk.commands.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=GRACE_SECONDS,
            log_level=LogLevels.error,
            log_dictconfig=_logging(),
        )

    def run_beside(self, companion: Companion) -> None:
        """Run `companion` as long as the server runs."""
        self._companions.append(companion)

    def run(self, announce: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT; `announce` is called once the server answers."""
        from django.db import connection

        connection.close()  # the processes below have their own
        # A forked process would share this one's database connection; a spawned one has its own.
        multiprocessing.set_start_method("spawn", force=True)
        for companion in self._companions:
            self._granian.on_startup(companion.start)
            self._granian.on_shutdown(companion.stop)
        threading.Thread(target=self._announce, args=[announce], daemon=True).start()
        self._granian.serve(target_loader=load_application, wrap_loader=False)

    def _announce(self, announce: Callable[[], None]) -> None:
        while not _answers(*self._address):
            time.sleep(0.05)
        announce()


def load_application() -> Any:
    """The WSGI application, in one of Granian's processes."""
    # Ctrl-C in a terminal reaches the whole process group. Only the parent should handle it,
    # because it treats a child that ends by itself as a failure.
    os.setpgid(0, 0)
    watch_parent(os.getppid())
    _allow_many_files()
    from frontdesk.commands.wsgi import application

    on_shutdown(_interrupt_answers)
    return application


def _interrupt_answers() -> None:
    """Record the answers so far, within the time that Granian allows."""
    from frontdesk.channels.answers import interrupt_all

    interrupt_all("the server was stopped", GRACE_SECONDS - 1)


def _allow_many_files() -> None:
    """Raise the soft limit of open files, which is 1,024 on most systems, as far as allowed.

    Each chat needs two sockets and, on SQLite, two files.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def require_free_port(host: str, port: int) -> None:
    """Raise CommandError if the port is in use; Granian would share it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            raise CommandError(f"{host} is not an address of this machine") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = "another program uses it; choose another port with --port"
            else:
                why = os.strerror(error.errno or 0)
            raise CommandError(f"cannot listen on {host}, port {port}: {why}") from None


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})  # always allowed
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _logging() -> dict[str, Any]:
    """Our logging configuration, for Granian's processes too; theirs writes to standard output."""
    from django.conf import settings

    return {**settings.LOGGING}
