"""What a person reads about their limits."""

import datetime as dt

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.channels.usage_text import usage_lines
from frontdesk.ledger.models import EndUser
from tests.factories import make_user


def someone(agent: Agent, messages: int = 1) -> EndUser:
    """A user who has written this many messages today, at 20 cents each."""
    now = timezone.now()
    for _ in range(messages):
        user = make_user(agent, "Maya", platform="web", time=now)
        make_user(agent, "Maya", platform="web", time=now, role="agent", cost=200_000)
    return user


def test_without_limits_there_are_no_lines(agent: Agent) -> None:
    assert usage_lines(agent, someone(agent), "en") == []

    agent.limits = {"messages_per_day": None}
    assert usage_lines(agent, someone(agent), "en") == []


def test_the_most_used_limit_is_first_and_ties_keep_their_order(agent: Agent) -> None:
    agent.limits = {
        "longest_message": 4_000,
        "cost_per_month": 100_000_000,
        "messages_per_day": 4,
        "messages_per_minute": 1_000,
        "messages_per_month": 1_000,
    }

    lines = usage_lines(agent, someone(agent, 2), "en")

    assert [line.key for line in lines] == [
        "messages_per_day",
        "messages_per_minute",
        "messages_per_month",
        "cost_per_month",
        "longest_message",
    ]


def test_a_line_shows_the_usage_the_limit_and_its_end(agent: Agent) -> None:
    agent.limits = {"messages_per_day": 1_000, "cost_per_day": 2_000_000, "longest_message": 4_000}

    lines = {line.key: line for line in usage_lines(agent, someone(agent, 3), "en")}

    messages, cost = lines["messages_per_day"], lines["cost_per_day"]
    assert messages[1:5] == ("Messages today", "3", "1,000", 0)
    assert cost[1:5] == ("Cost today", "$0.60", "$2.00", 30)
    assert messages.resets_at is not None
    assert dt.timedelta() < messages.resets_at - timezone.now() <= dt.timedelta(days=1)
    assert lines["longest_message"][3:] == ("4,000", None, None)


def test_more_than_the_limit_is_shown_as_the_limit(agent: Agent) -> None:
    agent.limits = {"cost_per_day": 100_000}

    (line,) = usage_lines(agent, someone(agent), "en")

    assert (line.used, line.value, line.percent) == ("$0.20", "$0.10", 100)


def test_it_speaks_the_persons_language_or_english(agent: Agent) -> None:
    agent.limits = {"messages_per_day": 4}

    (line,) = usage_lines(agent, someone(agent), "xx-yy")

    assert line.title == "Messages today"
