"""kill -9 at any moment: what was acknowledged stays, what was not can be sent again."""

import os
import random
import subprocess
import sys
import threading
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

BATCHES, KILLS, SECONDS = 250, 8, 12


def make_batches(rng: random.Random) -> list[list[Event]]:
    """Batches over the same few users, days and sessions, so that each batch meets the others'."""
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


def run_until_killed(
    agent: Agent, path: Path, numbers: list[int], seconds: float | None
) -> set[int]:
    """Start a recorder on these batches, kill it after so long; the numbers it acknowledged."""
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
    process.stdin.write(" ".join(map(str, numbers)))
    process.stdin.close()
    assert process.stdout.readline() == "ready\n"
    if seconds is not None:
        threading.Timer(seconds, process.kill).start()
    acknowledged = {int(line) for line in process.stdout}
    code = process.wait()
    assert code == 0 or seconds is not None
    return acknowledged


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_nothing_counted_twice(agent: Agent, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    batches = make_batches(rng)
    path = tmp_path / "batches.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, batches)))
    acknowledged: set[int] = set()
    killed = 0
    deadline = time.monotonic() + SECONDS
    while killed < KILLS and len(acknowledged) < BATCHES and time.monotonic() < deadline:
        numbers = [number for number in range(BATCHES) if number not in acknowledged]
        rng.shuffle(numbers)
        now = run_until_killed(agent, path, numbers, rng.uniform(0, 0.1))
        acknowledged |= now
        killed += 1
        events = [event for number in now for event in batches[number]]
        repeated = record(agent, events)
        assert {outcome.status for outcome in repeated} <= {"duplicate"}, f"lost, seed {seed}"
        assert recount.check(agent) == [], f"half a batch, seed {seed}"
    assert killed >= 3
    rest = [number for number in range(BATCHES) if number not in acknowledged]
    acknowledged |= run_until_killed(agent, path, rest, None)
    assert acknowledged == set(range(BATCHES))
    everything = [event for batch in batches for event in batch]
    assert oracle.read(agent) == oracle.recount(agent, everything), f"seed {seed}"
    assert recount.check(agent) == []
