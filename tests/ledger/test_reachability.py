"""Reachability: the latest result of a channel counts, and the history is kept."""

import datetime as dt
import uuid

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger import reachability
from frontdesk.ledger.models import EndUser, ReachabilityChange
from frontdesk.ledger.reachability import changes, set_reachable
from tests.factories import make_agent, make_user

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def block(user: EndUser, minutes: float = 0, cause: str = "blocked the bot") -> bool:
    at = NOON + dt.timedelta(minutes=minutes)
    return set_reachable(user.agent, user.id, reachable=False, at=at, cause=cause)


def unblock(user: EndUser, minutes: float = 0) -> bool:
    at = NOON + dt.timedelta(minutes=minutes)
    return set_reachable(user.agent, user.id, reachable=True, at=at, cause="uses the bot again")


def state(user: EndUser) -> tuple[dt.datetime | None, str]:
    user.refresh_from_db()
    return user.unreachable_since, user.unreachable_cause


def history(user: EndUser) -> list[tuple[bool, str]]:
    return [(change.reachable, change.cause) for change in changes([user.id])]


@pytest.fixture
def maya(agent: Agent) -> EndUser:
    return make_user(agent, "Maya")


def test_a_user_who_blocked_the_bot_is_unreachable_until_they_return(maya: EndUser) -> None:
    assert state(maya) == (None, "")
    assert block(maya)
    assert state(maya) == (NOON, "blocked the bot")
    assert unblock(maya, 5)
    assert state(maya) == (None, "")
    assert history(maya) == [(True, "uses the bot again"), (False, "blocked the bot")]


def test_a_repeat_is_no_change(maya: EndUser) -> None:
    assert not unblock(maya)
    assert block(maya)
    assert not block(maya, 5, "the account is deleted")
    assert state(maya) == (NOON, "blocked the bot")
    assert len(history(maya)) == 1


def test_what_comes_late_does_not_overwrite(maya: EndUser) -> None:
    assert block(maya)
    assert unblock(maya, 5)
    assert not block(maya, 3)
    assert state(maya) == (None, "")
    assert len(history(maya)) == 2


def test_of_two_at_the_same_time_the_later_reported_counts(maya: EndUser) -> None:
    assert block(maya)
    assert unblock(maya)
    assert state(maya) == (None, "")
    assert history(maya) == [(True, "uses the bot again")]


def test_it_creates_no_user_and_finds_none_of_another_agent(maya: EndUser) -> None:
    assert not set_reachable(maya.agent, uuid.uuid4(), reachable=False, at=NOON, cause="gone")
    assert not set_reachable(make_agent("Other"), maya.id, reachable=False, at=NOON, cause="gone")
    assert EndUser.objects.count() == 1
    assert not ReachabilityChange.objects.exists()


def test_a_message_changes_nothing_of_it(maya: EndUser) -> None:
    block(maya)
    make_user(maya.agent, "Maya", 5, email="maya@example.com")
    assert state(maya) == (NOON, "blocked the bot")


def test_only_the_newest_changes_are_kept(maya: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachability, "KEPT", 3)
    for minute in range(5):
        (unblock if minute % 2 else block)(maya, minute)
    assert [change.at.minute for change in changes([maya.id])] == [4, 3, 2]


def test_a_cause_is_one_line_of_bounded_length(maya: EndUser) -> None:
    block(maya, cause="a\nb\u202e" + "c" * 500)
    cause = state(maya)[1]
    assert cause.startswith("a b")
    assert len(cause) <= 200
