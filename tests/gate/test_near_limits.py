"""Marking users who are near a limit, and removing old rows."""

import datetime as dt

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.gate import cleaning, near_limits
from frontdesk.gate.admission import check
from frontdesk.gate.models import NearLimit, Refusal, RefusedDay, Reservation
from frontdesk.gate.user_limits import set_limits
from tests.factories import (
    NOON,
    make_event,
    make_limited_user,
    make_linked_users,
    make_plan,
    make_user,
    make_users,
    record_events,
    set_agent_limits,
)
from tests.gate.asking import ask


def marks(agent: Agent, at: dt.datetime = NOON) -> dict[str, tuple[str, int]]:
    near_limits.mark_near_limits(agent, at)
    rows = NearLimit.objects.filter(agent=agent).select_related("end_user")
    return {row.end_user.external_id: (row.limit, row.percent) for row in rows}


def speak(agent: Agent, name: str, times: int, **fields: object) -> None:
    record_events(agent, *(make_event(n / 100, external_id=name, **fields) for n in range(times)))


def test_those_at_eighty_percent_are_marked_by_what_they_used_most(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=10, messages_per_month=9, messages_per_minute=1)
    speak(agent, "seven", 7)
    speak(agent, "eight", 8)
    speak(agent, "twelve", 12)

    assert marks(agent) == {
        "eight": ("messages_per_month", 88),
        "twelve": ("messages_per_month", 133),
    }
    assert marks(agent, NOON + dt.timedelta(days=1)) == marks(agent)
    assert marks(agent, NOON + dt.timedelta(days=30)) == {}


@pytest.mark.parametrize("is_own", [False, True])
@pytest.mark.parametrize(("cost", "marked"), [(79, {}), (80, {"ada": ("cost_per_day", 80)})])
def test_eighty_percent_is_near_and_less_is_not(
    agent: Agent, is_own: bool, cost: int, marked: dict[str, tuple[str, int]]
) -> None:
    ada = make_user(agent, "Ada")
    record_events(agent, make_event(role="agent", external_id="ada", cost=cost))
    if is_own:
        set_limits(agent, ada.id, {"cost_per_day": 100})
    else:
        set_agent_limits(agent, cost_per_day=100)

    assert marks(agent) == marked


def test_a_pass_updates_marks_and_removes_old_ones(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=10)
    speak(agent, "ada", 8)
    assert marks(agent) == {"ada": ("messages_per_day", 80)}
    speak(agent, "ada", 9)
    later = NOON + dt.timedelta(minutes=5)
    assert marks(agent, later) == {"ada": ("messages_per_day", 170)}
    assert NearLimit.objects.get().as_of == later
    set_agent_limits(agent)
    assert marks(agent, later + dt.timedelta(minutes=5)) == {}


def test_plans_and_own_limits_count_as_at_the_gate(agent: Agent) -> None:
    ada = make_limited_user(agent, "Ada", {"cost_per_day": 0})
    speak(agent, "bert", 1)
    assert marks(agent) == {"ada": ("cost_per_day", 100)}
    make_plan(agent, "free", limits={"messages_per_day": 1})
    make_user(agent, "Carla", plan="free")
    set_limits(agent, ada.id, {"messages_per_day": None})
    later = NOON + dt.timedelta(minutes=5)
    assert marks(agent, later) == {"carla": ("messages_per_day", 100)}


def test_linked_identities_are_marked_together(agent: Agent) -> None:
    one, _ = make_linked_users(agent)
    set_limits(agent, one.id, {"messages_per_day": 2})

    assert near_limits.mark_near_limits(agent, NOON) == 2
    assert set(NearLimit.objects.values_list("percent", flat=True)) == {100}


def test_every_chunk_is_looked_at(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_limits, "CHUNK", 2)
    monkeypatch.setattr(near_limits, "SPAN", 3)
    set_agent_limits(agent, messages_per_day=1)
    make_users(agent, 7)
    speak(agent, "one", 1, time=NOON)
    speak(agent, "two", 1, time=NOON)

    assert near_limits.mark_near_limits(agent, NOON) == 9


def test_expired_reservations_and_old_refusals_are_removed_and_counts_stay(agent: Agent) -> None:
    set_agent_limits(agent, longest_message=5)
    check(agent, make_event(), reserve=True)
    ask(agent, text="Too long")

    assert cleaning.clean(timezone.now()) == 0
    assert cleaning.clean(timezone.now() + dt.timedelta(minutes=11)) == 1
    assert cleaning.clean(timezone.now() + dt.timedelta(days=31)) == 1
    assert not Reservation.objects.exists()
    assert not Refusal.objects.exists()
    assert RefusedDay.objects.get().refused == 1
