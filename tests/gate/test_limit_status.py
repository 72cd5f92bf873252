"""The status of a user: which limits apply, from which scope, what is used and left."""

import datetime as dt
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.gate import blocks
from frontdesk.gate.limit_status import limit_status
from frontdesk.ledger.models import EndUser
from tests.factories import (
    NOON,
    make_event,
    make_limited_user,
    make_linked_users,
    make_plan,
    make_user,
    record_events,
    set_agent_limits,
)
from tests.gate.asking import ask


def test_each_limit_says_its_source_and_what_is_left(agent: Agent) -> None:
    set_agent_limits(
        agent, messages_per_minute=5, messages_per_day=1, cost_per_month=None, longest_message=9
    )
    make_plan(agent, "pro", limits={"messages_per_day": 4, "cost_per_day": 200})
    ada = make_limited_user(agent, "Ada", {"messages_per_day": 3}, plan="pro")
    record_events(agent, make_event(1, external_id="ada", role="agent", cost=150))

    found = limit_status(agent, ada, NOON + dt.timedelta(minutes=2))

    midnight = dt.datetime(2026, 10, 15, tzinfo=dt.UTC)
    minute = NOON + dt.timedelta(minutes=3)
    november = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert found.block is None
    assert [
        (s.key, s.value, s.source, s.plan, s.used, s.left, s.resets_at) for s in found.limits
    ] == [
        ("messages_per_minute", 5, "agent", "", 0, 5, minute),
        ("messages_per_day", 3, "user", "", 1, 2, midnight),
        ("cost_per_day", 200, "plan", "Pro", 150, 50, midnight),
        ("cost_per_month", None, "agent", "", 150, None, november),
        ("longest_message", 9, "agent", "", 0, None, None),
    ]
    assert [s.percent for s in found.limits] == [0, 33, 75, None, None]
    assert found.used_up is None


def test_a_used_up_limit_is_found(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_minute=1, messages_per_month=1)
    ada = make_user(agent, "Ada")

    used_up = limit_status(agent, ada, NOON).used_up
    assert used_up is not None
    assert used_up.key == "messages_per_month"
    assert limit_status(agent, ada, NOON + dt.timedelta(days=20)).used_up is None


def test_linked_identities_share_a_status(agent: Agent) -> None:
    one, other = make_linked_users(agent)
    set_agent_limits(agent, messages_per_day=9)
    blocks.block(agent, [one.id], "spam", None, "", "", "olivia")

    for user in (one, other):
        found = limit_status(agent, user, NOON)
        assert found.block is not None
        assert found.limits[0].used == 2


def test_nothing_set_is_nothing_to_show(agent: Agent) -> None:
    assert limit_status(agent, make_user(agent, "Ada")).limits == []


def test_a_user_erased_meanwhile_has_a_status(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=1)
    ask(agent)
    user = EndUser.objects.get()
    EndUser.objects.all().delete()

    assert limit_status(agent, user, NOON + dt.timedelta(days=1)).limits[0].left == 1


def test_a_limit_on_cost_says_how_many_messages_it_does_not_count(agent: Agent) -> None:
    set_agent_limits(agent, messages_per_day=9, cost_per_day=9, cost_per_month=None)
    one, other = make_linked_users(agent)
    unpriced: dict[str, Any] = {"role": "agent", "model": "own", "input_tokens": 5}
    days_ago = -2 * 24 * 60
    record_events(
        agent,
        *(
            make_event(1, external_id=u.external_id, platform=u.platform, **unpriced)
            for u in (one, other)
        ),
        make_event(days_ago, external_id=one.external_id, platform=one.platform, **unpriced),
        make_event(2, external_id=one.external_id, platform=one.platform, role="agent", cost=1),
    )

    found = limit_status(agent, one, NOON + dt.timedelta(minutes=3)).limits

    assert [(limit.key, limit.used, limit.unknown) for limit in found] == [
        ("messages_per_day", 2, 0),
        ("cost_per_day", 1, 2),
        ("cost_per_month", 1, 3),
    ]
    assert [limit.unknown_in_words for limit in found[:2]] == [
        "",
        "2 messages without a price are not counted.",
    ]
