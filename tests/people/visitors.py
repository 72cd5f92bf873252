"""People to look at in the tests of the pages, made through record()."""

import datetime as dt
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record
from tests.factories import make_event


def say(agent: Agent, *events: Event) -> None:
    """Record the events, all of which must be good."""
    assert [(o.status, o.reason) for o in record(agent, events) if o.status != "recorded"] == []


def write(agent: Agent, name: str, minutes: float = 0, **fields: Any) -> EndUser:
    """Let someone of this name write one message; the id is the name's in small letters."""
    defaults = {"external_id": name.lower().replace(" ", "-"), "name": name}
    event = make_event(minutes, **{**defaults, **fields})
    say(agent, event)
    return EndUser.objects.get(agent=agent, platform=event.platform, external_id=event.external_id)


def crowd(agent: Agent, size: int) -> None:
    """Visitors named "Visitor 001" and on; each wrote a minute before the one before."""
    say(
        agent,
        *(
            make_event(-n, external_id=f"v{n}", name=f"Visitor {n:03}", platform="web")
            for n in range(1, size + 1)
        ),
    )


def correspond(agent: Agent, size: int, external_id: str = "1001", every: float = 1) -> EndUser:
    """Messages "Message 001" and on, the user's and the agent's in turn, `every` minutes apart."""
    say(
        agent,
        *(
            make_event(
                (n - 1) * every,
                external_id=external_id,
                name="Maya" if n % 2 else "",
                role="user" if n % 2 else "agent",
                text=f"Message {n:03}",
            )
            for n in range(1, size + 1)
        ),
    )
    return EndUser.objects.get(agent=agent, external_id=external_id)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
