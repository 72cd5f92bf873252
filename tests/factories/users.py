"""End users and their messages, recorded through the ledger."""

from typing import Any

from frontdesk.agents.limits import Limits
from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.gate.user_limits import set_limits
from frontdesk.ledger import imports, linking
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import EndUser, Import, Message
from frontdesk.ledger.record import record
from tests.factories.events import make_event


def record_events(agent: Agent, *events: Event) -> None:
    """Record events, all of which must be new and valid."""
    assert [(o.status, o.reason) for o in record(agent, events) if o.status != "recorded"] == []


def make_user(agent: Agent, name: str, minutes: float = 0, **fields: Any) -> EndUser:
    """A user of this name, with one more message than before; the id is the name in lowercase."""
    defaults = {"external_id": name.lower().replace(" ", "-"), "name": name}
    event = make_event(minutes, **{**defaults, **fields})
    record_events(agent, event)
    return EndUser.objects.get(agent=agent, platform=event.platform, external_id=event.external_id)


def make_import(agent: Agent) -> Import:
    """An import that has begun."""
    return imports.start(SYSTEM, agent, "jsonl", "events.jsonl", "")


def make_users(agent: Agent, count: int) -> None:
    """Users "Visitor 001" and on; each wrote a minute before the previous one."""
    record_events(
        agent,
        *(
            make_event(-n, external_id=f"v{n}", name=f"Visitor {n:03}", platform="web")
            for n in range(1, count + 1)
        ),
    )


def make_conversation(
    agent: Agent, count: int, external_id: str = "1001", every: float = 1
) -> EndUser:
    """A user with messages "Message 001" and on, every other one the agent's, minutes apart."""
    record_events(
        agent,
        *(
            make_event(
                (n - 1) * every,
                external_id=external_id,
                name="Maya" if n % 2 else "",
                role="user" if n % 2 else "agent",
                text=f"Message {n:03}",
            )
            for n in range(1, count + 1)
        ),
    )
    return EndUser.objects.get(agent=agent, external_id=external_id)


def make_limited_user(agent: Agent, name: str, limits: Limits, **fields: Any) -> EndUser:
    """A user with limits of their own."""
    user = make_user(agent, name, **fields)
    assert set_limits(agent, user.id, limits)
    return user


def make_group_answer(agent: Agent) -> tuple[Message, EndUser, EndUser]:
    """An answer in a group, the member who got it, and another one who has written there."""
    record_events(
        agent,
        make_event(0, chat="-5", external_id="asker", message_id="1"),
        make_event(1, chat="-5", external_id="asker", message_id="2", role="agent"),
        make_event(2, chat="-5", external_id="member", message_id="3"),
    )
    asker, member = (
        EndUser.objects.get(agent=agent, external_id=name) for name in ("asker", "member")
    )
    return Message.objects.get(end_user=asker, role="agent"), asker, member


def make_linked_users(agent: Agent) -> tuple[EndUser, EndUser]:
    """One person on Telegram and on the web; each identity wrote one message at NOON."""
    one, other = make_user(agent, "Ada"), make_user(agent, "Ada", platform="web")
    linking.link(agent, one.id, other.id, "olivia")
    return one, other
