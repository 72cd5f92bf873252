"""Versions of one message: of each field the newest counts that has it, in whatever order."""

import itertools
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import Message, Session
from frontdesk.ledger.record import record
from tests import oracle
from tests.factories import NOON, make_agent, make_event
from tests.ledger.histories import copies

pytestmark = pytest.mark.django_db

AT: dict[str, Any] = {"message_id": "7", "role": "agent"}
ORIGINAL = make_event(
    **AT, chat="c", session_id="s", text="1", model="m", cost=5, output_tokens=3, latency_ms=9
)
FIRST = make_event(**AT, text="2", cost=7, edited_at=NOON)
SECOND = make_event(**AT, text="3", output_tokens=4, latency_ms=8, edited_at=NOON.replace(minute=5))
QUESTION = make_event(-1, message_id="6")


def test_the_newest_version_of_each_field_counts_in_any_order(db: None) -> None:
    states = []
    for order in itertools.permutations([ORIGINAL, FIRST, SECOND, QUESTION]):
        agent = make_agent()
        for event in copies(list(order)):
            assert record(agent, [event])[0].status in ("recorded", "duplicate")
        states.append(oracle.read(agent))
        assert states[-1] == oracle.recount(agent, order)
        message = Message.objects.get(end_user__agent=agent, role="agent")
        assert (message.text, message.model, message.chat, message.session_id) == (
            "3",
            "m",
            "c",
            "s",
        )
        assert (message.cost, message.output_tokens, message.latency_ms) == (7, 4, 8)


def test_a_message_goes_to_the_session_that_its_edit_left_out(agent: Agent) -> None:
    record(agent, [QUESTION, FIRST])
    assert Session.objects.get().messages == 2
    record(agent, [ORIGINAL])
    sessions = Session.objects.order_by("external_id").values_list("external_id", "messages")
    assert list(sessions) == [("", 1), ("s", 1)]


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (make_event(**AT, chat="d", text="4", edited_at=NOON.replace(minute=9)), "chat"),
        (make_event(**AT, session_id="t", text="4", edited_at=NOON.replace(minute=9)), "sessionId"),
        (make_event(**AT, text="2", cost=8, edited_at=NOON), "usage"),
        (make_event(**AT, text="4", edited_at=NOON), "text"),
        (make_event(**AT, chat="c", session_id="s", text="1", output_tokens=6), "usage"),
    ],
)
def test_another_value_of_the_same_version_is_a_conflict(
    agent: Agent, other: Event, problem: str
) -> None:
    record(agent, [ORIGINAL, FIRST])
    before = oracle.read(agent)
    (outcome,) = record(agent, [other])
    assert outcome.status == "conflict"
    assert problem in (outcome.reason or "")
    assert oracle.read(agent) == before


WHOLE = make_event(**AT, text="1", model="gpt-4o", input_tokens=1000, cached_tokens=900)
SHORTER = make_event(**AT, text="2", input_tokens=10, edited_at=NOON)
NO_PART = make_event(**AT, text="3", cached_tokens=0, edited_at=NOON.replace(minute=5))


@pytest.mark.parametrize("versions", [[WHOLE, SHORTER], [WHOLE, SHORTER, NO_PART]])
def test_tokens_read_and_those_from_a_cache_are_of_one_version(
    db: None, versions: list[Event]
) -> None:
    for order in itertools.permutations(versions):
        agent = make_agent()
        for event in copies(list(order)):
            assert record(agent, [event])[0].status in ("recorded", "duplicate")
        message = Message.objects.get(end_user__agent=agent)
        assert (message.input_tokens, message.cached_tokens) == (10, None)
        assert (message.cost or 0) > 0
        assert oracle.read(agent) == oracle.recount(agent, order)
