"""Hundreds of people chat on one real server, which is killed: nothing is lost or doubled."""

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.cli.conftest import kill_all, read_until
from tests.fakes.chat_clients import ChatClient, Exchange
from tests.fakes.model import NAME, Model, answer_to
from tests.loops import run
from tests.waiting import eventually

PIECES, SECONDS = 10, 2.0
Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

PROLOGUE = """
import json, sys
import django
django.setup()
from django.utils import timezone
from frontdesk.agents.models import Agent
from frontdesk.core.encryption import encrypt
from frontdesk.backends.models import Backend
from frontdesk.channels.models import Answering
from frontdesk.channels.web.models import WebChat
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.recount import check
"""
OPEN_A_CHAT = f"""
agent = Agent.objects.create(name="Ada")
Backend.objects.create(
    agent=agent, kind="openai", url=sys.argv[1], model="{NAME}", secret=encrypt("sk-tests"))
WebChat.objects.create(agent=agent, is_on=True)
print(json.dumps(str(agent.id)))
"""
LOOK = """
agent = Agent.objects.get()
figures = ("total_messages_sent", "total_chat_messages", "total_sessions")
print(json.dumps({
    "messages": list(Message.objects.filter(end_user__agent=agent).values_list("role", "text")),
    "figures": list(EndUser.objects.filter(agent=agent).values_list(*figures)),
    "errors": list(Message.objects.exclude(error="").values_list("error", flat=True)),
    "leases": Answering.objects.count(),
    "wrong": [str(problem) for problem in check(agent)],
}))
"""
AGE_THE_LEASES = """
print(Answering.objects.update(until=timezone.now()))
"""


class Desk:
    """An installation with one agent, whose answers come from `model`."""

    def __init__(self, home: Path, environment: dict[str, str], start: Start, port: int) -> None:
        self._home, self._environment, self._start = home, environment, start
        self.port = port
        self.model = Model(PIECES, SECONDS)
        self.agent = ""

    async def open(self) -> None:
        server = await self.model.serve(0)
        address = "{}:{}".format(*server.sockets[0].getsockname())
        self._environment |= {
            "FRONTDESK_INTERNAL_HOSTS": address,
            "FRONTDESK_CHAT_RATE": "100000",
        }
        self.agent = self.run(OPEN_A_CHAT, f"http://{address}/v1")
        self.serve()

    def serve(self) -> None:
        server = self._start("serve", "--port", str(self.port), "--no-worker", **self._environment)
        read_until(server, "Frontdesk serves")

    def kill(self) -> None:
        kill_all(self._home)

    def run(self, code: str, *arguments: str) -> Any:
        """Run a program in this installation; return what it prints."""
        environment = {**self._environment, "DJANGO_SETTINGS_MODULE": "frontdesk.config.settings"}
        command = [sys.executable, "-c", PROLOGUE + code, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    async def visitors(self, people: int) -> list[ChatClient]:
        clients = [ChatClient(self.port, self.agent) for _ in range(people)]
        await asyncio.gather(*(client.arrive() for client in clients))
        return clients


@pytest.fixture
def database(transactional_db: None) -> dict[str, str]:
    """SQLite in the home or, where the tests use PostgreSQL, their database."""
    if connection.vendor == "sqlite":
        return {}
    name = connection.settings_dict["NAME"]
    return {"DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()}


@pytest.fixture
def desk(
    ready: Path, environment: dict[str, str], database: dict[str, str], start: Start, port: int
) -> Desk:
    return Desk(ready, {**environment, **database}, start, port)


def question(person: int, turn: int = 0) -> str:
    return f"question {turn} of person {person}"


def check_the_ledger(desk: Desk, people: int, turns: int) -> None:
    """Each question and its own answer are there once, and the figures agree."""
    seen = desk.run(LOOK)
    asked = [question(person, turn) for person in range(people) for turn in range(turns)]
    due = Counter(("user", text) for text in asked)
    due.update(("agent", answer_to(text, PIECES)) for text in asked)
    assert seen["errors"] == []
    assert Counter(map(tuple, seen["messages"])) == due
    assert Counter(map(tuple, seen["figures"])) == {(turns, 2 * turns, 1): people}
    assert (seen["leases"], seen["wrong"]) == (0, [])


def test_a_hundred_at_once_get_one_answer_each(desk: Desk) -> None:
    people, turns = 100, 2

    async def talk(person: int, client: ChatClient) -> list[Exchange]:
        return [await client.ask(question(person, turn), uuid.uuid4()) for turn in range(turns)]

    async def story() -> None:
        await desk.open()
        clients = await desk.visitors(people)
        found = await asyncio.gather(*(talk(*each) for each in enumerate(clients)))
        for person, exchanges in enumerate(found):
            for turn, exchange in enumerate(exchanges):
                whole = answer_to(question(person, turn), PIECES)
                assert (exchange.end, exchange.text) == ("done", whole)
        history = await clients[7].history()
        assert [line["text"] for line in history][::2] == [question(7, 0), question(7, 1)]

    run(story())

    check_the_ledger(desk, people, turns)
    assert set(desk.model.asked.values()) == {1}


def test_after_a_kill_everyone_who_sends_again_gets_one_answer(desk: Desk) -> None:
    people = 40
    ids = [uuid.uuid4() for _ in range(people)]

    async def ask(person: int, client: ChatClient) -> Exchange:
        return await client.ask(question(person), ids[person])

    async def story() -> None:
        await desk.open()
        clients = await desk.visitors(people)
        desk.model.may_go_on.clear()  # no answer is complete before the kill
        asking = [asyncio.create_task(ask(*each)) for each in enumerate(clients)]

        def are_halfway() -> bool:  # the others are anywhere before that
            heard = any(client.exchange.text for client in clients)
            return heard and desk.model.asked.total() > people / 2

        await asyncio.to_thread(eventually, are_halfway)
        desk.kill()
        assert {exchange.end for exchange in await asyncio.gather(*asking)} == {""}
        desk.model.may_go_on.set()

        desk.run(AGE_THE_LEASES)  # in place of 25 seconds
        await asyncio.to_thread(desk.serve)
        again = [ask(*each) for each in enumerate(clients)]
        twice = [ask(*each) for each in enumerate(clients)]  # impatient, or in another tab
        for person, exchange in enumerate(await asyncio.gather(*again, *twice)):
            whole = answer_to(question(person % people), PIECES)
            assert (exchange.end, exchange.text) == ("done", whole)

    run(story())

    check_the_ledger(desk, people, 1)
