"""The gate predicts that a message starts a session exactly if recording it adds one."""

import datetime as dt
import uuid
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.gate.session_starts import session_of, starts_session
from frontdesk.gate.usage import ActiveReservation
from frontdesk.ledger.events import Event, position_of, user_id
from frontdesk.ledger.models import Session
from frontdesk.ledger.record import record
from tests.factories import make_event

TIMEOUT = dt.timedelta(minutes=30)


class Said(NamedTuple):
    minute: int
    role: str
    chat: str
    new_session: bool
    session_id: str | None

    def event(self) -> Event:
        return make_event(
            self.minute,
            role=self.role,
            chat=self.chat if self.session_id is None else "",
            new_session=self.new_session and self.session_id is None,
            session_id=self.session_id,
        )


said = st.builds(
    Said,
    st.sampled_from([0, 10, 29, 30, 31, 45, 60, 61, 75, 90, 91, 120]),
    st.sampled_from(["user", "user", "agent"]),
    st.sampled_from(["", "", "group"]),
    st.sampled_from([False, False, True]),
    st.sampled_from([None, None, None, "s1"]),
)


def reservation(user: uuid.UUID, event: Event) -> ActiveReservation:
    position, session = position_of(event), session_of(user, event)
    return ActiveReservation(
        user, user, event.time, position, event.new_session, starts_session=False, session=session
    )


def started() -> int:
    return Session.objects.filter(messages_sent__gt=0).count()


@given(st.lists(said, min_size=1, max_size=10))
def test_the_prediction_equals_recording_in_any_order(db: None, dialogue: list[Said]) -> None:
    agent = Agent.objects.create(name="Ada")
    for each in dialogue:
        event = each.event()
        user, before = user_id(agent.id, event.platform, event.external_id), started()
        foreseen = event.role == "user" and starts_session(user, event, TIMEOUT, [])
        record(agent, [event])
        assert foreseen == (event.role == "user" and started() > before)


@example(  # at one place in the order: the boundary comes first, and the reserved message joins it
    dialogue=[], reserved=[(0, False)], last=Said(0, "user", "", True, None)
)
@example(  # the reserved boundary splits a recorded session
    dialogue=[Said(0, "user", "", False, None), Said(10, "user", "", False, None)],
    reserved=[(0, True)],
    last=Said(31, "user", "", False, None),
)
@given(
    st.lists(said, max_size=6),
    st.lists(st.tuples(st.sampled_from([0, 20, 40, 70, 100]), st.booleans()), max_size=2),
    said,
)
def test_a_reserved_message_counts_as_recorded(
    db: None, dialogue: list[Said], reserved: list[tuple[int, bool]], last: Said
) -> None:
    agent = Agent.objects.create(name="Ada")
    event = last._replace(role="user").event()
    user = user_id(agent.id, event.platform, event.external_id)
    for each in dialogue:
        record(agent, [each.event()])
    others = [
        Said(minute, "user", event.chat, new_session, event.session_id).event()
        for minute, new_session in reserved
    ]
    reservations = [reservation(user, each) for each in others]
    foreseen = starts_session(user, event, TIMEOUT, reservations)
    record(agent, others)
    before = started()
    record(agent, [event])
    assert foreseen == (started() > before)
