"""Fills a demo home. All ids are known in advance, so this can safely be repeated."""

import datetime as dt
import random
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.demo import desk
from frontdesk.demo.channels import open_channels
from frontdesk.demo.history import history
from frontdesk.demo.home import OWNER, DemoHome
from frontdesk.demo.people import Person, invent, name_alike
from frontdesk.demo.script import Script
from frontdesk.ledger.events import Event
from frontdesk.ledger.record import record

ProgressBar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Takes a title and the total; the function it yields is called with the progress made."""

SCRIPTS = ("mira", "patch")
BATCH = 1_000
_SPACE = uuid.UUID("6f2b1c1e-5d0a-4f57-9f0b-0d5b7f0f9a11")


def make(home: DemoHome, progress: ProgressBar) -> DemoHome:
    """Create the owner, the agents and their people unless that is done; open the channels."""
    if not home.is_made:
        _make(home, progress)
        home = home.finish()
    for name in SCRIPTS:
        open_channels(find_agent(name), Script(name), crowd(name))
    return home


def _make(home: DemoHome, progress: ProgressBar) -> None:
    owner = _make_owner(home.password)
    for name in SCRIPTS:
        agent, events = find_agent(name), _events(name, home.until)
        with progress(agent.name, len(events)) as advance:
            for start in range(0, len(events), BATCH):
                advance(len(record(agent, events[start : start + BATCH])))
        desk.work(agent, Script(name), crowd(name), owner)


def find_agent(name: str) -> Agent:
    """The agent of this script, created if it is missing."""
    agent_id = uuid.uuid5(_SPACE, name)
    return Agent.objects.get_or_create(id=agent_id, defaults=Script(name).agent)[0]


def crowd(name: str) -> list[Person]:
    """Everyone who ever wrote to the agent of this script: the same people each time."""
    rng = random.Random(f"people of {name}")  # noqa: S311  # not for cryptography
    script = Script(name)
    people = [
        invent(rng, number, script.crowd["telegram"]) for number in range(script.crowd["users"])
    ]
    name_alike(people)
    return people


def _events(name: str, until: dt.datetime) -> list[Event]:
    rng = random.Random(f"history of {name}")  # noqa: S311
    return history(rng, Script(name), crowd(name), until)


def _make_owner(password: str) -> Operator:
    found = Operator.objects.filter(username=OWNER).first()
    return found or Operator.objects.create_superuser(OWNER, "demo@example.com", password)
