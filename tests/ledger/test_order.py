"""Messages of one instant stand in the order that was reported, however they arrive."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import EndUser, Message, Session
from frontdesk.ledger.order import ORDER
from frontdesk.ledger.record import record
from frontdesk.ledger.recount import check, recount
from tests.factories import NOON, make_agent, make_event

# check() chooses its isolation level, which needs a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)


def texts(user: EndUser) -> list[str]:
    messages = Message.objects.filter(end_user_id=user.id).order_by(*ORDER)
    return list(messages.values_list("text", flat=True))


def ends(agent: Agent) -> list[tuple[dt.datetime, dt.datetime, int]]:
    sessions = Session.objects.filter(end_user__agent=agent).order_by("first_at", "first_position")
    return list(sessions.values_list("first_at", "last_at", "messages"))


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """A dialogue within three seconds, and the batches in which it arrives."""
    seconds = sorted(draw(st.lists(st.integers(0, 2), min_size=2, max_size=12)))
    by_sequence = draw(st.booleans())
    events = []
    for number, second in enumerate(seconds, start=9):  # 9 and 10: as numbers, not as texts
        identity: dict[str, Any] = {"message_id": f"-100:{number}"}
        if by_sequence:
            identity = {"message_id": str(uuid.UUID(int=97 * number)), "sequence": number}
        role = draw(st.sampled_from(["user", "agent", "system"]))
        is_boundary = role == "system" and draw(st.booleans())
        events.append(
            make_event(
                second / 60, role=role, text=str(number), new_session=is_boundary, **identity
            )
        )
    arriving = draw(st.permutations(events))
    cut = draw(st.integers(0, len(events)))
    return events, [arriving[:cut], arriving[cut:]]


@given(exchanges())
def test_messages_of_one_second_keep_their_order(
    db: None, story: tuple[list[Event], list[list[Event]]]
) -> None:
    agent = make_agent(name=str(uuid.uuid4()))
    events, batches = story
    for batch in batches:
        record(agent, batch)
    user = EndUser.objects.get(agent=agent)
    assert texts(user) == [event.text for event in events]
    begins = sum(event.new_session for event in events[1:])
    assert Session.objects.filter(end_user_id=user.id).count() == 1 + begins
    assert check(agent) == []


def test_a_question_stands_before_its_answer(agent: Agent) -> None:
    answer = make_event(role="agent", text="Answer", message_id="5:answer", sequence=5)
    record(agent, [answer, make_event(text="Question", message_id="5")])
    assert texts(EndUser.objects.get(agent=agent)) == ["Question", "Answer"]


def test_a_session_starts_at_the_boundary_within_one_second(agent: Agent) -> None:
    record(agent, [make_event(message_id=f"7:{n}", text=str(n)) for n in (1, 2, 4, 5)])
    record(agent, [make_event(message_id="7:3", role="system", new_session=True, text="/new")])
    assert ends(agent) == [(NOON, NOON, 2), (NOON, NOON, 3)]
    assert EndUser.objects.get(agent=agent).total_sessions == 2
    record(agent, [make_event(message_id="7:2", text="2")])  # a repeat
    record(agent, [make_event(message_id="7:0", text="0"), make_event(message_id="7:6")])
    assert ends(agent) == [(NOON, NOON, 3), (NOON, NOON, 4)]
    assert check(agent) == []


def test_a_repeat_places_a_message_of_an_older_version(agent: Agent) -> None:
    events = [make_event(message_id=f"7:{n}", text=str(n)) for n in range(1, 7)]
    events[2] = make_event(message_id="7:3", text="3", new_session=True, role="system")
    record(agent, events)
    Message.objects.update(position=0)
    recount(agent)  # as it was: the boundary comes first in its second
    outcomes = record(agent, [make_event(message_id="7:1", text="1"), *events[1:]])
    assert {outcome.status for outcome in outcomes} == {"duplicate"}
    assert texts(EndUser.objects.get(agent=agent)) == ["1", "2", "3", "4", "5", "6"]
    assert ends(agent) == [(NOON, NOON, 2), (NOON, NOON, 4)]
    assert check(agent) == []


def test_another_sequence_under_one_id_is_a_conflict(agent: Agent) -> None:
    record(agent, [make_event(message_id="a", sequence=1)])
    (outcome,) = record(agent, [make_event(message_id="a", sequence=2)])
    assert (outcome.status, outcome.reason) == (
        "conflict",
        "this message is known with another sequence",
    )


def test_an_event_in_conflict_moves_nothing(agent: Agent) -> None:
    record(agent, [make_event(message_id="7:1", text="1"), make_event(message_id="7:2", text="2")])
    (outcome,) = record(agent, [make_event(message_id="7:1", sequence=9, text="another")])
    assert outcome.status == "conflict"
    assert texts(EndUser.objects.get(agent=agent)) == ["1", "2"]
