"""Bodies as a real server passes them on: Granian, over a socket."""

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.factories import make_api_event
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.skipif(
    os.environ.get("FRONTDESK_TEST_DATABASE") == "postgres", reason="independent of the database"
)

ISSUE_A_KEY = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from frontdesk.agents.models import Agent, ApiKey
agent = Agent.objects.create(name="Ada")
print(agent.id, ApiKey.issue(agent, "tests", ["ingest"])[1])
"""


class Server(NamedTuple):
    port: int
    path: str
    token: str

    def send(self, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Send a body; an iterable of bytes is sent in chunks."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as http:
            http.request("POST", self.path, body, named)
            response = http.getresponse()
            return response.status, json.load(response)

    def send_raw(self, head: str, body: bytes) -> None:
        """Send raw bytes that no client library would, close our half, and wait for the server."""
        lines = f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        lines += f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(f"{lines}{head}\r\n\r\n".encode() + body)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    settings = "frontdesk.config.settings"
    environment = {
        **os.environ,
        "FRONTDESK_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": settings,
    }
    made = subprocess.run(
        [sys.executable, "-c", ISSUE_A_KEY], env=environment, capture_output=True, check=True
    )
    agent, token = made.stdout.decode().split()
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    granian = shutil.which("granian", path=str(Path(sys.executable).parent))
    assert granian
    arguments = f"--interface wsgi --host 127.0.0.1 --port {port} --blocking-threads 4".split()
    process = subprocess.Popen(
        [granian, *arguments, "frontdesk.commands.wsgi:application"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: _is_listening(port) or process.poll() is not None)
        assert process.poll() is None, "the server did not start"
        yield Server(port, f"/api/v1/agents/{agent}/messages", token)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _is_listening(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def some_events() -> bytes:
    return json.dumps([make_api_event(text="x" * 1000) for _ in range(300)]).encode()


def in_chunks(body: bytes) -> Iterator[bytes]:
    return (body[i : i + 10_000] for i in range(0, len(body), 10_000))


def test_a_body_with_a_length_is_read(server: Server) -> None:
    status, answer = server.send(some_events())

    assert (status, answer["recorded"]) == (200, 300)


def test_a_body_in_chunks_is_read(server: Server) -> None:
    status, answer = server.send(in_chunks(some_events()))

    assert (status, answer["recorded"]) == (200, 300)


def test_a_gzip_body_in_chunks_is_read(server: Server) -> None:
    body = in_chunks(gzip.compress(some_events()))

    status, answer = server.send(body, Content_Encoding="gzip")

    assert (status, answer["recorded"]) == (200, 300)


def test_a_body_that_is_too_large_is_refused_with_a_length_and_in_chunks(server: Server) -> None:
    body = b"[]" + b" " * 16 * 2**20
    # It is refused unread, while we are still sending: so ask first.
    with closing(
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    ) as connection:
        head = f"POST {server.path} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        head += f"Authorization: Bearer {server.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 413"

    status, answer = server.send(in_chunks(body))
    assert (status, answer["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("head", ["Content-Length: {length}", "Transfer-Encoding: chunked"])
def test_nothing_of_an_incomplete_body_is_recorded(server: Server, head: str) -> None:
    events = some_events()
    length = f"{len(events):x}\r\n".encode()
    cut = events[:-1] if "Length" in head else length + events[:-1]

    server.send_raw(head.format(length=len(events)), cut)  # no one is left to read the answer

    assert server.send(events)[1]["recorded"] == 300


def test_no_body_at_all_is_400(server: Server) -> None:
    assert server.send(b"")[0] == 400


def test_the_server_still_answers_after_all_that(server: Server) -> None:
    assert server.send(some_events())[0] == 200
