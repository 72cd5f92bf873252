"""recount() repairs what check() reports, from the messages alone."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger import recount
from frontdesk.ledger.events import Event
from frontdesk.ledger.profiles import put_profile
from frontdesk.ledger.record import record
from tests import oracle
from tests.factories import make_agent, make_event
from tests.ledger.histories import TIMEOUTS, ZONES_AND_STARTS, History, copies, histories

# check() chooses its isolation level, which needs a transaction of its own.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(900),  # finding the smallest example of a failure takes up to five minutes
]


@pytest.fixture
def events(agent: Agent) -> list[Event]:
    """Two weeks of three users on two platforms, recorded."""
    events = [
        make_event(
            day * 24 * 60 + turn * 20,
            platform=platform,
            external_id=external_id,
            role=role,
            language=language,
            cost=turn + 1,
            session_id="s" if turn == 3 else None,
        )
        for day in (0, 1, 5, 9)
        for turn, role in enumerate(["user", "agent", "user", "user"])
        for platform, external_id, language in (
            ("telegram", "1", "en"),
            ("telegram", "2", "de"),
            ("web", "1", "en"),
        )
    ]
    record(agent, copies(events))
    return events


COUNTS = {
    "enduser": oracle.TOTALS[:5],
    "session": ["first_position", *oracle.SESSION[5:]],
    "dailyactivity": oracle.DAY,
    "agentday": ["new_users", *oracle.DAY],
    "returngap": ["users"],
    "cohort": ["users"],
    "facetcount": ["users"],
}
CORRUPTIONS = [
    *(f"DELETE FROM ledger_{table}" for table in COUNTS if table != "enduser"),  # noqa: S608
    *(
        f"UPDATE ledger_{table} SET {column} = {column} + 1"  # noqa: S608
        for table, columns in COUNTS.items()
        for column in columns
    ),
    "UPDATE ledger_enduser SET first_seen_at = '2026-01-01 00:00:00'",
    "UPDATE ledger_enduser SET last_message_at = '2026-11-01 00:00:00'",
    "UPDATE ledger_enduser SET first_active_on = '2026-01-01'",
    "UPDATE ledger_enduser SET first_active_on = NULL",
    "UPDATE ledger_session SET last_at = '2026-11-01 00:00:00'",
    "DELETE FROM ledger_session WHERE external_id = ''",
    "UPDATE ledger_dailyactivity SET day = '2026-10-31' WHERE day = '2026-10-15'",
    "DELETE FROM ledger_dailyactivity WHERE day = '2026-10-19'",
    "UPDATE ledger_agentday SET platform = 'discord' WHERE platform = 'web'",
    "UPDATE ledger_returngap SET previous_day = '2026-10-01' WHERE day = '2026-10-14'",
    "UPDATE ledger_facetcount SET value = 'fr' WHERE value = 'de'",
]


@given(histories())
def test_nothing_differs_after_any_history(db: None, history: History) -> None:
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    for batch in history.batches:
        record(agent, copies(batch))
    assert recount.check(agent) == []


def test_corrupt_numbers_are_reported_and_repaired(
    agent: Agent, events: list[Event], subtests: pytest.Subtests
) -> None:
    sound = oracle.recount(agent, events)
    for corruption in CORRUPTIONS:
        with subtests.test(corruption):
            assert recount.check(agent) == []
            with connection.cursor() as cursor:
                cursor.execute(corruption)
            differences = recount.check(agent)
            assert differences
            assert all(str(difference) for difference in differences)
            assert oracle.read(agent) != sound, "check() changes nothing"
            recount.recount(agent)
            assert oracle.read(agent) == sound
            assert recount.check(agent) == []


def test_everything_lost_but_the_messages(agent: Agent, events: list[Event]) -> None:
    with connection.cursor() as cursor:
        for table in "session dailyactivity agentday returngap cohort facetcount".split():
            cursor.execute(f"DELETE FROM ledger_{table}")  # noqa: S608
    recount.recount(agent)
    assert oracle.read(agent) == oracle.recount(agent, events)


def test_another_agent_is_left_alone(agent: Agent, events: list[Event]) -> None:
    other = make_agent("Bert")
    record(other, [make_event()])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_agentday SET sessions = sessions + 1")
    recount.recount(agent)
    assert recount.check(agent) == []
    assert recount.check(other) != []


def test_progress_is_reported_in_users(agent: Agent, events: list[Event]) -> None:
    reported: list[int] = []
    recount.recount(agent, reported.append)
    assert sum(reported) == 3


def test_an_agent_without_users(agent: Agent) -> None:
    recount.recount(agent)
    assert recount.check(agent) == []
    assert oracle.read(agent) == oracle.State()


@given(
    histories(),
    st.sampled_from([zone for zone, _ in ZONES_AND_STARTS]),
    st.sampled_from(TIMEOUTS),
)
def test_a_new_zone_and_timeout_apply_to_the_whole_history(
    db: None, history: History, zone: str, timeout: int
) -> None:
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    for batch in history.batches:
        record(agent, copies(batch))
    agent.time_zone, agent.session_timeout = zone, timeout
    agent.save()
    recount.recount(agent)
    assert oracle.read(agent) == oracle.recount(agent, history.events)
    assert recount.check(agent) == []


@given(histories(), st.sampled_from(TIMEOUTS))
def test_recording_goes_on_between_the_change_and_the_rebuild(
    db: None, history: History, timeout: int
) -> None:
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    half = len(history.batches) // 2
    for batch in history.batches[:half]:
        record(agent, copies(batch))
    agent.time_zone, agent.session_timeout = "Asia/Kathmandu", timeout
    agent.save()
    for batch in history.batches[half:]:
        record(agent, copies(batch))
    recount.recount(agent)
    assert oracle.read(agent) == oracle.recount(agent, history.events)


def test_a_profile_without_a_message_is_no_difference(agent: Agent) -> None:
    put_profile(agent, make_event(external_id="contact", name="Maya"))
    put_profile(agent, make_event(external_id="writes"))
    record(agent, [make_event(5, external_id="writes")])
    before = oracle.read(agent)
    assert recount.check(agent) == []
    recount.recount(agent)
    assert oracle.read(agent) == before
