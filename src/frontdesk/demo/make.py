"""Filling a demo home. Everything has an id that is known beforehand, so it can be done twice."""

import datetime as dt
import random
import uuid
from collections.abc import Callable

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.demo.history import history
from frontdesk.demo.home import OWNER, DemoHome
from frontdesk.demo.people import Person, invent
from frontdesk.demo.script import Script
from frontdesk.ledger.events import Event
from frontdesk.ledger.record import record

SCRIPTS = ("mira", "patch")
BATCH = 1_000
_SPACE = uuid.UUID("6f2b1c1e-5d0a-4f57-9f0b-0d5b7f0f9a11")


def make(home: DemoHome, progress: Callable[[int, int], None]) -> DemoHome:
    """Make the owner, the agents and all their people, unless that is done.

    `progress` is told how many messages are recorded, and how many there will be.
    """
    if home.is_made:
        return home
    _make_owner(home.password)
    work = [(find_agent(name), _events(name, home.until)) for name in SCRIPTS]
    total = sum(len(events) for _, events in work)
    done = 0
    for agent, events in work:
        for start in range(0, len(events), BATCH):
            done += len(record(agent, events[start : start + BATCH]))
            progress(done, total)
    return home.finish()


def find_agent(name: str) -> Agent:
    """The agent of this script, made when it is missing."""
    agent_id = uuid.uuid5(_SPACE, name)
    return Agent.objects.get_or_create(id=agent_id, defaults=Script(name).agent)[0]


def crowd(name: str) -> list[Person]:
    """Everyone who ever wrote to the agent of this script: the same people each time."""
    rng = random.Random(f"people of {name}")  # noqa: S311  # invented people are no secret
    script = Script(name)
    return [
        invent(rng, number, script.crowd["telegram"]) for number in range(script.crowd["users"])
    ]


def _events(name: str, until: dt.datetime) -> list[Event]:
    rng = random.Random(f"history of {name}")  # noqa: S311
    return history(rng, Script(name), crowd(name), until)


def _make_owner(password: str) -> None:
    if not Operator.objects.filter(username=OWNER).exists():
        Operator.objects.create_superuser(OWNER, "demo@example.com", password)
