"""The HTTP server beneath the servers that run in threads of the tests' own process."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class QuietServer(ThreadingHTTPServer):
    """On a free port of 127.0.0.1. `server_close` waits for its threads.

    A thread that outlived its test would answer, or print its error, in the middle of another test,
    and at the end of the run into a stream that pytest has closed.
    """

    daemon_threads = False
    request_queue_size = 128
    """With five, the default, some wait for seconds when many chats are answered at once."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.closing = threading.Event()
        """For handlers that wait: it is set when they have to end."""

    def shutdown(self) -> None:
        self.closing.set()
        super().shutdown()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # the client may have been killed
            super().handle_error(request, client_address)
