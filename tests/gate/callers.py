"""People at the gate, in the tests of it."""

from typing import Any

from frontdesk.agents.limits import Limits
from frontdesk.agents.models import Agent, Plan
from frontdesk.gate.admission import Verdict, admit
from frontdesk.gate.user_limits import set_limits
from frontdesk.ledger import linking
from frontdesk.ledger.models import EndUser
from tests.factories import make_event
from tests.people.visitors import write


def ask(agent: Agent, minutes: float = 0, *, verified: bool = False, **fields: Any) -> Verdict:
    """Ask to be admitted, `minutes` after NOON."""
    return admit(agent, make_event(minutes, **fields), verified)


def limit(agent: Agent, **limits: int | None) -> None:
    """Set the agent's own limits."""
    agent.limits = limits
    agent.save()


def plan(agent: Agent, key: str, **limits: int | None) -> Plan:
    return Plan.objects.create(agent=agent, key=key, name=key.title(), limits=limits)


def limited(agent: Agent, name: str, limits: Limits, **fields: Any) -> EndUser:
    """Someone with limits of his own."""
    user = write(agent, name, **fields)
    assert set_limits(agent, user.id, limits)
    return user


def twins(agent: Agent) -> tuple[EndUser, EndUser]:
    """One human on Telegram and on the web; each identity has written one message at NOON."""
    one, other = write(agent, "Ada"), write(agent, "Ada", platform="web")
    linking.link(agent, one.id, other.id, "olivia")
    return one, other
