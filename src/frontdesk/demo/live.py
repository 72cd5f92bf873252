"""A little traffic while the demo runs, so that the list of users changes."""

import datetime as dt
import itertools
import logging
import random
import threading
import uuid

from django.db import DatabaseError, connection

from frontdesk.agents.models import Agent
from frontdesk.demo.history import messages
from frontdesk.demo.make import SCRIPTS, crowd, find_agent
from frontdesk.demo.people import Person, invent
from frontdesk.demo.script import Script
from frontdesk.gate.admission import admit
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.reachability import set_reachable
from frontdesk.ledger.record import record

logger = logging.getLogger(__name__)

PAUSE_SECONDS = (8.0, 40.0)


class LiveTraffic:
    """Lets someone write about every half minute, between start() and stop()."""

    def __init__(self) -> None:
        self._rng = random.Random()  # noqa: S311  # another crowd in each run
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live traffic", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the current exchange, but do not wait long for a slow database."""
        self._stopping.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            stages = [(find_agent(name), Script(name), crowd(name)) for name in SCRIPTS]
            while not self._stopping.wait(self._rng.uniform(*PAUSE_SECONDS)):
                self._one_exchange(*self._rng.choice(stages))
        finally:
            connection.close()

    def _one_exchange(self, agent: Agent, script: Script, people: list[Person]) -> None:
        events = next_exchange(self._rng, script, people)
        asked = [event for event in events if event.role == "user"]
        try:
            _come_back(agent, events[0])
            # People who are blocked or over a limit are refused here, as by any channel.
            if all(admit(agent, event, verified=True).admitted for event in asked):
                record(agent, events)
        except DatabaseError:  # the demo goes on
            logger.warning("a message of the live traffic was lost", exc_info=True)


def _come_back(agent: Agent, first: Event) -> None:
    """A person who writes uses the bot again, even if they had blocked it before."""
    id_ = user_id(agent.id, first.platform, first.external_id)
    set_reachable(agent, id_, reachable=True, at=first.time, cause="uses the bot again")


def next_exchange(rng: random.Random, script: Script, people: list[Person]) -> list[Event]:
    """A question and its answer, now, from a known person or a new one."""
    if rng.random() < 0.15:
        people.append(invent(rng, len(people), script.crowd["telegram"]))
        person = people[-1]
    else:
        person = rng.choice(people)
    dialogue = script.dialogue(rng, person.language)
    length = next(number for number, line in enumerate(dialogue, 1) if line.role == "agent")
    start = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=10)
    events = list(messages(rng, script, person, dialogue[:length], start, itertools.count()))
    for event in events:
        event.message_id = f"live-{uuid.uuid4()}"
    return events
