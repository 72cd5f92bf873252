"""What a limit would have done in the last days."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.gate import simulation
from frontdesk.gate.simulation import Simulation, simulate
from tests.factories import make_event, make_limited_user, make_plan, record_events

TODAY = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
DOLLAR = 1_000_000


def speak(agent: Agent, name: str, days_ago: int, times: int, cost: int = 0, **fields: Any) -> None:
    """Messages on a past day, and one answer with this cost."""
    at = TODAY - dt.timedelta(days=days_ago)
    said = [make_event(external_id=name, time=at, **fields) for _ in range(times)]
    record_events(agent, *said, make_event(external_id=name, time=at, role="agent", cost=cost))


def test_a_days_limit_stops_people_by_their_days(agent: Agent) -> None:
    speak(agent, "ada", 0, 4, 8 * DOLLAR)
    speak(agent, "ada", 1, 3, 3 * DOLLAR)
    speak(agent, "bert", 29, 2, 9 * DOLLAR)
    speak(agent, "carla", 30, 99, 9 * DOLLAR)

    assert simulate(agent, "messages_per_day", 2) == Simulation(1, 2, 5 * DOLLAR)
    assert simulate(agent, "messages_per_day", 4) == Simulation(0, 2, 0)
    assert simulate(agent, "messages_per_month", 5) == Simulation(1, 2, 11 * DOLLAR * 2 // 7)
    assert simulate(agent, "cost_per_day", 7 * DOLLAR) == Simulation(2, 2, 3 * DOLLAR)
    assert simulate(agent, "cost_per_month", 10 * DOLLAR) == Simulation(1, 2, DOLLAR)
    assert simulate(agent, "sessions_per_day", 0) == Simulation(2, 2, 20 * DOLLAR)


def test_a_limit_is_simulated_for_users_to_whom_it_would_apply(agent: Agent) -> None:
    make_plan(agent, "pro", limits={"messages_per_day": 9})
    make_plan(agent, "free")
    for name, key in (("ada", "pro"), ("bert", "free"), ("carla", "")):
        speak(agent, name, 1, 2, plan=key)
    make_limited_user(agent, "Dora", {"messages_per_day": None, "cost_per_day": 1}, time=TODAY)

    assert simulate(agent, "messages_per_day", 1) == Simulation(2, 2, 0)
    assert simulate(agent, "messages_per_day", 1, plan="pro") == Simulation(1, 1, 0)
    assert simulate(agent, "messages_per_month", 1) == Simulation(3, 4, 0)
    assert simulate(agent, "messages_per_day", 1, plan="gone") == Simulation(0, 0, 0)


def test_only_daily_limits_can_be_simulated(agent: Agent) -> None:
    with pytest.raises(ValueError, match="messages_per_minute"):
        simulate(agent, "messages_per_minute", 1)


def test_what_takes_too_long_says_so(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*args: object) -> Simulation:
        raise TooSlowError

    monkeypatch.setattr(simulation, "_simulate", late)
    assert simulate(agent, "messages_per_day", 1).text == (
        "There are too many people to simulate this at once."
    )


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Simulation(0, 0, 0), "this would have applied to no one."),
        (Simulation(0, 312, 0), "this would have stopped none of 312 people."),
        (
            Simulation(14, 1_312, 38_400_000),
            "this would have stopped 14 of 1,312 people and saved about $38.",
        ),
        (
            Simulation(1, 1, 1_500_000),
            "this would have stopped 1 of 1 people and saved about $1.50.",
        ),
        (
            Simulation(1, 2, 100),
            "this would have stopped 1 of 2 people and saved next to nothing.",
        ),
    ],
)
def test_the_sentence(found: Simulation, text: str) -> None:
    assert found.text == f"In the last 30 days, {text}"


def test_a_limit_on_cost_says_how_many_messages_it_does_not_count(agent: Agent) -> None:
    unpriced: dict[str, Any] = {"role": "agent", "model": "own", "input_tokens": 5}
    speak(agent, "ada", 1, 1, DOLLAR)
    for days_ago in (0, 29, 30):
        speak(agent, "bert", days_ago, 1)
        at = TODAY - dt.timedelta(days=days_ago)
        record_events(agent, make_event(external_id="bert", time=at, **unpriced))

    text = simulate(agent, "cost_per_day", DOLLAR).text
    assert text.endswith("none of 2 people. 2 messages without a price are not counted.")
    assert "price" not in simulate(agent, "messages_per_day", 9).text
