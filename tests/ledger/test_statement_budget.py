"""A batch takes a few statements, however large it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event
from frontdesk.ledger.record import record
from tests.factories import make_agent, make_event

USERS = 200
BUDGET = 20


def make_batch(name: str, size: int, day: int) -> list[Event]:
    """Dialogues of up to USERS users, with all fields of an event."""
    return [
        make_event(
            day * 24 * 60 + number // USERS * 5,
            message_id=f"{name}-{number}",
            platform="web" if number % 2 else "telegram",
            external_id=str(number % USERS),
            role="user" if number // USERS % 2 == 0 else "agent",
            session_id="s" if number % 10 == 0 else None,
            name=f"{name} {number % USERS}",
            language="en",
            attributes={"batch": name},
            model="gpt-4o",
            input_tokens=100,
            output_tokens=10,
        )
        for number in range(size)
    ]


def statements(agent: Agent, batch: list[Event]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        outcomes = record(agent, batch)
    assert {outcome.status for outcome in outcomes} == {"recorded"}
    return [query["sql"][:100] for query in captured.captured_queries]


@pytest.mark.django_db(transaction=True)
def test_ten_times_the_events_take_no_more_statements() -> None:
    counts = {}
    for size in (100, 1000):
        agent = make_agent(str(size))
        new = statements(agent, make_batch("new", size, day=0))
        known = statements(agent, make_batch("known", size, day=0))
        another_day = statements(agent, make_batch("later", size, day=3))
        for made in (new, known, another_day):
            assert len(made) <= BUDGET, "\n".join(made)
        counts[size] = (len(new), len(known), len(another_day))
    assert counts[100] == counts[1000]


@pytest.mark.django_db(transaction=True)
def test_a_batch_of_repeats_takes_fewer(agent: Agent) -> None:
    batch = make_batch("new", 1000, day=0)
    first = statements(agent, batch)
    with CaptureQueriesContext(connection) as captured:
        record(agent, batch)
    assert len(captured) < len(first)
