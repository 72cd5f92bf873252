"""Sends messages to the gate in tests."""

from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.gate.admission import Verdict, admit
from tests.factories import make_event


def ask(agent: Agent, minutes: float = 0, *, verified: bool = False, **fields: Any) -> Verdict:
    """Request admission of a message, `minutes` after NOON."""
    return admit(agent, make_event(minutes, **fields), verified)
