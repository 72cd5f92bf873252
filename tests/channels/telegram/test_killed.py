"""The worker is killed repeatedly in the middle: nothing is lost, nothing answered twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from frontdesk.agents.models import Agent
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.ledger.models import Message
from frontdesk.ledger.recount import check
from tests.fakes.telegram import Telegram

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, MESSAGES, KILLS = 6, 60, 8

# The runner of `frontdesk worker` in processes of their own, with the tests' database. Each line of
# input forks one, which spares the imports. All have one name in the leases, as the workers of one
# home have.
NURSERY = """
import os, sys, time, uuid
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.ENV = settings.ENV.model_copy(update={"internal_hosts": "*"})
django.setup()
from frontdesk.backends import answering
from frontdesk.channels.telegram import adapter
from frontdesk.channels.telegram.runner import TelegramRunner
from tests.channels.telegram.conftest import QUICK

def stream(backend, question, cancellation):
    time.sleep(0.02)
    yield f"{question.text} " + "word " * 1000  # two parts

answering.stream = stream
for _ in sys.stdin:
    worker = os.fork()
    if not worker:
        TelegramRunner(uuid.UUID(int=7), QUICK).start()
        time.sleep(600)
    print(worker, flush=True)
    os.waitpid(worker, 0)
    print("gone", flush=True)
"""


class Worker:
    """A worker that is started, and killed without warning."""

    def __init__(self) -> None:
        name = str(connection.settings_dict["NAME"])
        self._nursery = subprocess.Popen(
            [sys.executable, "-c", NURSERY, name],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "frontdesk.config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._pid = 0

    def start(self) -> None:
        assert self._nursery.stdin
        self._nursery.stdin.write("\n")
        self._nursery.stdin.flush()
        self._pid = int(self._read())

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        assert self._read() == "gone"

    def end(self) -> None:
        self._nursery.kill()
        self._nursery.communicate()

    def _read(self) -> str:
        assert self._nursery.stdout
        return self._nursery.stdout.readline().strip()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    with suppress(OSError, AssertionError):
        worker.kill()
    worker.end()


def test_nothing_is_lost_and_nothing_is_answered_twice(
    agent: Agent, bot: TelegramBot, telegram: Telegram, worker: Worker
) -> None:
    rng = random.Random(7)
    telegram.slowness = 0.01  # so that something is on its way whenever the worker is killed
    for number in range(MESSAGES):
        telegram.say(f"<{number}>", user=1000 + number % PEOPLE)
    for kill in range(1, KILLS + 1):
        worker.start()
        due = kill * MESSAGES // (KILLS + 2)
        wait_or_restart(telegram, worker, partial(are_done, due))
        time.sleep(rng.random() * 0.05)
        worker.kill()
    worker.start()
    wait_or_restart(telegram, worker, partial(are_done, MESSAGES))

    parts = Counter(message["text"] for message in telegram.sent if "<" in message["text"])
    assert max(parts.values()) == 1
    assert len(telegram.sent) <= 2 * MESSAGES
    recorded = Message.objects.filter(end_user__agent=agent)
    assert recorded.filter(role="user").count() == MESSAGES
    assert recorded.filter(role="agent", failed=False).count() == MESSAGES
    # What was on its way at the moment of a kill counts as sent: one a chat at most.
    assert len(parts) >= MESSAGES - KILLS * PEOPLE
    assert check(agent) == []


def wait_or_restart(telegram: Telegram, worker: Worker, is_so: Callable[[], bool]) -> None:
    """Wait for it; a worker that hangs is killed like the others, and another is started.

    On a busy machine with PostgreSQL one hung after a kill, in about one of thirty runs. The cause
    is not known yet.
    """
    for _ in range(2):
        with suppress(AssertionError):
            telegram.wait_for(is_so, 45)
            return
        worker.kill()
        worker.start()
    telegram.wait_for(is_so, 60)


def are_done(messages: int) -> bool:
    """Not what arrived: each kill may lose one part per person, and those never arrive."""
    return TelegramUpdate.objects.filter(state="done").count() >= messages
