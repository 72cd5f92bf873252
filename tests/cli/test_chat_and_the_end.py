"""Web chat answers when the server ends: what was said is neither lost nor repeated."""

import http.client
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import kill_all, read_until
from tests.waiting import PATIENCE

Start = Callable[..., "subprocess.Popen[str]"]
OPEN_A_CHAT = """
import django; django.setup()
from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels.web.models import WebChat
agent = Agent.objects.create(name="Ada")
Backend.objects.create(agent=agent, kind="demo")
WebChat.objects.create(agent=agent, is_on=True)
print(agent.id)
"""
TELL = """
import django; django.setup()
from frontdesk.ledger.models import Message
for message in Message.objects.filter(role="agent"):
    print(message.failed, message.error, len(message.text.split()), sep="|")
"""
END_THE_LEASE = """
import django; django.setup()
from django.utils import timezone
from frontdesk.channels.models import Answering
print(Answering.objects.update(until=timezone.now()))
"""
LONG = "Repeat: " + " ".join(map(str, range(3_000)))
"""The demo takes a minute to answer that."""


@pytest.fixture
def python(environment: dict[str, str], ready: Path) -> Callable[[str], str]:
    """Runs a program in the installation; returns what it prints."""

    def run(program: str) -> str:
        own = {**environment, "DJANGO_SETTINGS_MODULE": "frontdesk.config.settings"}
        return subprocess.run(
            [sys.executable, "-c", program], env=own, capture_output=True, text=True, check=True
        ).stdout.strip()

    return run


class Caller:
    """A visitor at the real server."""

    def __init__(self, port: int, agent: str) -> None:
        self.port, self.base, self.token = port, f"/chat/{agent}", ""
        self.token = json.loads(self.post("visitor", {}).read())["token"]

    def post(self, path: str, body: Any) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        connection.request("POST", f"{self.base}/{path}", json.dumps(body), headers)
        return connection.getresponse()

    def send(self, id_: str, **body: Any) -> Iterator[tuple[str, Any]]:
        response, name = self.post("messages", {"id": id_, "text": LONG, **body}), ""
        for line in response:
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                yield name, json.loads(line[6:])


def read_some(events: Iterator[tuple[str, Any]], pieces: int) -> None:
    for _ in range(pieces):
        next(events)


def test_an_answer_is_recorded_when_the_server_stops_and_can_be_retried(
    start: Start, ready: Path, port: int, python: Callable[[str], str]
) -> None:
    agent, id_ = python(OPEN_A_CHAT), str(uuid.uuid4())
    server = start("serve", "--port", str(port))
    read_until(server, "http://")
    visitor = Caller(port, agent)
    events = visitor.send(id_)
    read_some(events, 20)
    os.killpg(server.pid, signal.SIGTERM)

    name, data = list(events)[-1]
    assert name == "failed"
    assert data["said"].startswith("0 1 2 3 4 5 6 7 8 9 10")
    server.communicate(timeout=PATIENCE)
    failed, error, words = python(TELL).split("|")
    assert (failed, error) == ("True", "the server was stopped")
    assert int(words) == len(data["said"].split())


def test_an_abandoned_answer_is_recorded_too_when_the_server_stops(
    start: Start, ready: Path, port: int, python: Callable[[str], str]
) -> None:
    agent, id_ = python(OPEN_A_CHAT), str(uuid.uuid4())
    server = start("serve", "--port", str(port))
    read_until(server, "http://")
    read_some(Caller(port, agent).send(id_), 20)  # and leaves
    os.killpg(server.pid, signal.SIGTERM)
    server.communicate(timeout=PATIENCE)
    assert python(TELL).startswith("True|the server was stopped|")


def test_after_a_kill_the_next_request_answers_the_same_message(
    start: Start, ready: Path, port: int, python: Callable[[str], str]
) -> None:
    agent, id_ = python(OPEN_A_CHAT), str(uuid.uuid4())
    server = start("serve", "--port", str(port))
    read_until(server, "http://")
    visitor = Caller(port, agent)
    read_some(visitor.send(id_), 5)
    kill_all(ready)
    assert python(END_THE_LEASE) == "1"  # or we would wait for that

    server = start("serve", "--port", str(port))
    read_until(server, "http://")
    events = visitor.send(id_)
    assert next(events)[0] == "accepted"
    assert next(events)[0] == "delta"
    visitor.post(f"messages/{id_}/stop", {})
    name, data = list(events)[-1]
    assert (name, data["stopped"]) == ("done", True)
    assert python(TELL).count("\n") == 0
