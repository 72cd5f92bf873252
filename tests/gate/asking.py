"""Asks the gate in the tests of it."""

from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.gate.admission import Verdict, admit
from tests.factories import make_event


def ask(agent: Agent, minutes: float = 0, *, verified: bool = False, **fields: Any) -> Verdict:
    """Ask for a message to be admitted, `minutes` after NOON."""
    return admit(agent, make_event(minutes, **fields), verified)
