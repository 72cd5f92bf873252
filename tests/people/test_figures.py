"""The figures of a profile: streaks, shares, and the medians that they are compared with."""

import datetime as dt
import itertools

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser
from frontdesk.people.models import Medians
from frontdesk.people.profiles import medians
from frontdesk.people.profiles.figures import Totals, measure, sent_by_day
from frontdesk.people.profiles.streaks import WINDOW, streaks
from tests.factories import NOON, make_agent, make_event, make_user, make_users, record_events

TODAY = dt.date(2026, 10, 14)


def days_ago(*numbers: int) -> list[dt.date]:
    return sorted(TODAY - dt.timedelta(days=n) for n in numbers)


@pytest.mark.parametrize(
    ("days", "current", "longest"),
    [
        ([], 0, 0),
        ([0], 1, 1),
        ([1], 1, 1),  # today is not over
        ([2], 0, 1),
        ([0, 1, 2], 3, 3),
        ([1, 2, 5, 6, 7, 8], 2, 4),
        ([0, 2, 3, 4], 1, 3),
        ([400, 401, 402], 0, 3),
    ],
)
def test_streaks(days: list[int], current: int, longest: int) -> None:
    found = streaks(days_ago(*days), TODAY)
    assert (found.current, found.longest) == (current, longest)


@given(st.sets(st.integers(0, 60)))
def test_streaks_are_what_counting_says(ago: set[int]) -> None:
    found = streaks(days_ago(*ago), TODAY)
    runs = [
        len(list(run))
        for is_active, run in itertools.groupby(range(61), lambda n: n in ago)
        if is_active
    ]
    start = 0 if 0 in ago else 1
    assert found.longest == max(runs, default=0)
    assert found.current == next(n for n in range(62) if start + n not in ago)
    assert found.share == len([n for n in ago if n < WINDOW]) / WINDOW


def test_what_cannot_be_measured_is_left_open(agent: Agent) -> None:
    make_user(agent, "Ada", role="agent")
    user = EndUser.objects.get()
    found = measure(Totals.of([user]), [], TODAY)
    assert [key for key, value in found.items() if value is None] == [
        "per_session",
        "session_length",
        "cost_per_session",
        "last_message",
    ]


def test_identities_add_up(agent: Agent) -> None:
    one = make_user(agent, "Maya", cost=100_000)
    other = make_user(agent, "Maya", 60, platform="web", cost=200_000)
    totals = Totals.of([one, other])
    assert (totals.total_messages_sent, totals.user_cost) == (2, 300_000)
    assert totals.first_seen_at == NOON
    assert totals.last_message_at == NOON + dt.timedelta(hours=1)
    assert sent_by_day([one.id, other.id]) == {NOON.date(): 2}


# --- medians ------------------------------------------------------------------------------------


def write_many(agent: Agent, counts: list[int]) -> None:
    record_events(
        agent,
        *(
            make_event(n, external_id=f"user {user}")
            for user, count in enumerate(counts)
            for n in range(count)
        ),
    )


def test_medians_are_of_all_who_have_written(agent: Agent) -> None:
    write_many(agent, [1, 5, 9])
    make_user(agent, "never wrote", role="agent")
    found = medians.medians_of(agent)
    assert found is not None
    assert (found.figures["sent"], found.figures["sessions"], found.users) == (5, 1, 3)
    assert not found.is_sample


def test_medians_are_kept_until_they_are_old(agent: Agent) -> None:
    write_many(agent, [1])
    assert medians.medians_of(agent)
    write_many(agent, [7, 7, 7])
    assert medians.medians_of(agent) == Medians.objects.get()
    assert not DBTaskResult.objects.exists()
    Medians.objects.update(as_of=timezone.now() - 2 * medians.MAX_AGE)
    medians.medians_of(agent)
    medians.medians_of(agent)
    assert DBTaskResult.objects.count() == 1  # not started twice
    assert Medians.objects.get().figures["sent"] == 1
    medians.compute_medians.call(str(agent.id))
    assert Medians.objects.get().figures["sent"] == 7


def test_a_large_agents_medians_are_computed_in_the_background(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(medians, "MAX_USERS", 3)
    make_users(agent, 4)
    assert medians.medians_of(agent) is None
    assert medians.medians_of(agent) is None
    assert DBTaskResult.objects.count() == 1


def test_of_many_users_a_sample_is_drawn(agent: Agent) -> None:
    make_users(make_agent("Bob"), 10)
    make_users(agent, 30)
    for _ in range(5):  # wherever the sample starts
        found = medians.compute(agent, max_users=7)
        assert (found.users, found.is_sample, found.figures["sent"]) == (7, True, 1)


def test_an_agent_without_messages_has_no_medians(agent: Agent) -> None:
    assert medians.medians_of(agent) is None
