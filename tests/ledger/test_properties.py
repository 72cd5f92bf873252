"""Whatever arrives in whatever order, the database equals a plain recount."""

import datetime as dt
from itertools import combinations_with_replacement

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event
from frontdesk.ledger.profiles import put_profile
from frontdesk.ledger.record import record
from tests import oracle
from tests.factories import make_agent
from tests.ledger.histories import History, copies, dialogues, histories

# Hypothesis needs up to five minutes to find the smallest example of a failure.
pytestmark = pytest.mark.timeout(900)


def agent_of(history: History) -> Agent:
    return make_agent(time_zone=history.zone, session_timeout=history.timeout)


@given(histories())
def test_any_history_equals_a_recount(db: None, history: History) -> None:
    agent = agent_of(history)
    for batch in history.batches:
        record(agent, copies(batch))
    assert oracle.read(agent) == oracle.recount(agent, history.events)


@settings(max_examples=4 * settings().max_examples)
@given(dialogues())
def test_sessions_join_and_split_as_in_a_recount(db: None, history: History) -> None:
    agent = agent_of(history)
    for batch in history.batches:
        record(agent, copies(batch))
    assert oracle.read(agent) == oracle.recount(agent, history.events)


@given(histories())
def test_the_state_is_right_after_every_batch(db: None, history: History) -> None:
    agent = agent_of(history)
    arrived: list[Event] = []
    for batch in history.batches:
        arrived += batch
        record(agent, copies(batch))
        assert oracle.read(agent) == oracle.recount(agent, arrived)


@given(histories(), st.sets(st.integers(0, 20)))
def test_profiles_without_messages_arrive_among_them_in_any_order(
    db: None, history: History, places: set[int]
) -> None:
    agent = agent_of(history)
    told: list[Event] = []
    put: list[Event] = []
    for place, event in enumerate(event for batch in history.batches for event in batch):
        if place in places:
            put_profile(agent, *copies([msgspec.structs.replace(event, edited_at=None)]))
            put.append(msgspec.structs.replace(event, edited_at=None))
        else:
            record(agent, copies([event]))
            told.append(event)
    assert oracle.read(agent) == oracle.recount(agent, told, put)


@given(histories())
def test_the_return_gaps_count_distinct_users_of_any_days(db: None, history: History) -> None:
    agent = agent_of(history)
    for batch in history.batches:
        record(agent, copies(batch))
    state = oracle.read(agent)
    days = {day for _, day in state.days}
    near = sorted(days | {day + dt.timedelta(days=1) for day in days})
    for first, last in combinations_with_replacement(near, 2):
        by_formula = oracle.distinct_by_return_gaps(state, first, last)
        assert by_formula == oracle.distinct_active(state, first, last)


@given(histories())
def test_outcomes_distinguish_first_arrivals_from_repeats(db: None, history: History) -> None:
    agent = agent_of(history)
    seen: dict[object, set[dt.datetime | None]] = {}
    for batch in history.batches:
        for event, outcome in zip(batch, record(agent, copies(batch)), strict=True):
            who = (event.platform, event.external_id)
            versions = seen.setdefault((who, event.message_id, event.sequence), set())
            if not versions:
                assert outcome.status == "recorded"
            elif event.edited_at in versions:
                assert outcome.status == "duplicate"
            else:
                assert outcome.status in ("recorded", "duplicate")
            versions.add(event.edited_at)


@given(histories())
def test_recording_everything_again_changes_nothing(db: None, history: History) -> None:
    agent = agent_of(history)
    for batch in history.batches:
        record(agent, copies(batch))
    before = oracle.read(agent)
    again = record(agent, copies(history.events[::-1]))
    assert {outcome.status for outcome in again} == {"duplicate"}
    assert oracle.read(agent) == before
