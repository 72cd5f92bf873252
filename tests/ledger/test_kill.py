"""kill -9 at any moment: acknowledged events stay, and others can be sent again."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from django.db import connection

from frontdesk.agents.models import Agent
from frontdesk.ledger import recount
from frontdesk.ledger.events import Event
from frontdesk.ledger.record import record
from tests import oracle
from tests.factories import make_event

BATCHES, KILLS = 250, 8
MOST, AHEAD = 20, 5
"""The most batches that are acknowledged before a kill, and those in progress at that time."""


def make_batches(rng: random.Random) -> list[list[Event]]:
    """Batches with the same few users, days and sessions, so that batches touch the same rows."""
    return [
        [
            make_event(
                rng.randrange(40) * 15 + rng.randrange(3) * 24 * 60,
                message_id=f"{batch}-{place}",
                external_id=str(rng.randrange(12)),
                role=rng.choice(["user", "user", "agent"]),
                cost=rng.randrange(100),
                name=rng.choice([None, "Ada", "Bert"]),
            )
            for place in range(30)
        ]
        for batch in range(BATCHES)
    ]


def start(agent: Agent, path: Path, numbers: list[int]) -> "subprocess.Popen[str]":
    """A recorder that is sent these batches and then waits for more."""
    module = [sys.executable, "-m", "tests.ledger.recorder"]
    process = subprocess.Popen(
        [*module, connection.settings_dict["NAME"], str(agent.id), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "frontdesk.config.settings"},
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write("".join(f"{number}\n" for number in numbers))
    process.stdin.flush()
    assert process.stdout.readline() == "ready\n"
    return process


def record_until_killed(
    agent: Agent, path: Path, numbers: list[int], rng: random.Random
) -> set[int]:
    """Kill a recorder at some moment during these batches; returns the numbers it acknowledged."""
    before = rng.randrange(MOST + 1)
    process = start(agent, path, numbers[: before + AHEAD])
    assert process.stdout
    acknowledged = {int(process.stdout.readline()) for _ in range(before)}
    time.sleep(rng.uniform(0, 0.05))  # at any point within a batch, or before those that wait
    process.kill()
    acknowledged |= set(map(int, process.stdout))
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    return acknowledged


def record_all(agent: Agent, path: Path, numbers: list[int]) -> set[int]:
    process = start(agent, path, numbers)
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    acknowledged = set(map(int, process.stdout))
    assert process.wait() == 0
    return acknowledged


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_nothing_counted_twice(agent: Agent, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    batches = make_batches(rng)
    path = tmp_path / "batches.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, batches)))
    acknowledged: set[int] = set()
    for _ in range(KILLS):
        numbers = [number for number in range(BATCHES) if number not in acknowledged]
        rng.shuffle(numbers)
        now = record_until_killed(agent, path, numbers, rng)
        acknowledged |= now
        events = [event for number in now for event in batches[number]]
        repeated = record(agent, events)
        assert {outcome.status for outcome in repeated} <= {"duplicate"}, f"lost, seed {seed}"
        assert recount.check(agent) == [], f"half a batch, seed {seed}"
    rest = [number for number in range(BATCHES) if number not in acknowledged]
    acknowledged |= record_all(agent, path, rest)
    assert acknowledged == set(range(BATCHES))
    everything = [event for batch in batches for event in batch]
    assert oracle.read(agent) == oracle.recount(agent, everything), f"seed {seed}"
    assert recount.check(agent) == []
