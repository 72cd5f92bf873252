"""An HTTP server that stores each request and answers with prepared replies."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from tests.fakes.quiet_server import QuietServer


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`body` in pieces, `pause` seconds between two; then the connection is closed."""

    body: Sequence[bytes] = ()
    status: int = 200
    type: str = "application/json"
    pause: float = 0
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """Answers the n-th request with the n-th reply, and with the last one from then on."""

    def __init__(self, *replies: Reply) -> None:
        self.requests: list[Received] = []
        self._replies = replies or (Reply(status=404),)
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        self._server = QuietServer(Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        reply = self._replies[min(len(self.requests), len(self._replies) - 1)]
        self.requests.append(Received(handler.path, dict(handler.headers.items()), body))
        handler.send_response(reply.status)
        handler.send_header("Content-Type", reply.type)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for piece in reply.body:
                handler.wfile.write(piece)
                handler.wfile.flush()
                self._server.closing.wait(reply.pause)
        except OSError:
            pass  # the client has left
