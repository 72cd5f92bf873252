"""Setting, replacing, ending and expiring blocks, and their history."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.gate import blocks
from frontdesk.ledger import linking
from frontdesk.ledger.models import EndUser
from tests.factories import make_agent, make_linked_users, make_user
from tests.gate.asking import ask

HOUR = dt.timedelta(hours=1)


def block(agent: Agent, *users: EndUser, until: dt.datetime | None = None, text: str = "") -> int:
    ids = [user.id for user in users]
    return blocks.block(agent, ids, "spam", until, "a note", text, "olivia")


def is_blocked(user: EndUser) -> bool:
    return user.id in blocks.current([user.id])


def test_a_block_is_in_force_until_it_is_ended(agent: Agent) -> None:
    ada, bert = make_user(agent, "Ada"), make_user(agent, "Bert")

    assert block(agent, ada) == 1
    found = blocks.current([ada.id, bert.id])
    assert set(found) == {ada.id}
    assert (found[ada.id].reason, found[ada.id].is_for_good) == ("spam", True)
    assert blocks.unblock(agent, [ada.id, bert.id], "otto") == 1
    assert not is_blocked(ada)
    assert blocks.unblock(agent, [ada.id], "otto") == 0
    (ended,) = blocks.history(ada.id)
    assert (ended.created_by, ended.ended_by) == ("olivia", "otto")


def test_a_block_runs_out_by_itself(agent: Agent) -> None:
    ada = make_user(agent, "Ada")
    past = timezone.now() - HOUR
    block(agent, ada, until=past)

    assert not is_blocked(ada)
    assert blocks.unblock(agent, [ada.id], "otto") == 0
    (ended,) = blocks.history(ada.id)
    assert (ended.ended_at, ended.ended_by) == (past, "")


def test_a_new_block_takes_the_place_of_the_older(agent: Agent) -> None:
    ada = make_user(agent, "Ada")
    block(agent, ada)
    block(agent, ada, until=timezone.now() + HOUR)

    newest, oldest = blocks.history(ada.id)
    assert blocks.current([ada.id]) == {ada.id: newest}
    assert oldest.ended_by == "olivia"


def test_ending_a_block_touches_no_other(agent: Agent) -> None:
    ada, bert = make_user(agent, "Ada"), make_user(agent, "Bert")
    block(agent, ada)
    blocks.unblock(agent, [ada.id], "otto")
    (first,) = blocks.history(ada.id)
    block(agent, ada, bert)

    assert blocks.unblock(agent, [ada.id], "olivia") == 1
    assert is_blocked(bert)
    newest, oldest = blocks.history(ada.id)
    assert (newest.ended_by, oldest.ended_by) == ("olivia", "otto")
    assert oldest.ended_at == first.ended_at


def test_users_of_other_agents_and_unknown_ids_are_skipped(agent: Agent) -> None:
    stranger = make_user(make_agent("Another"), "Ada")

    assert blocks.block(agent, [stranger.id, uuid.uuid4()], "spam", None, "", "", "olivia") == 0
    assert blocks.unblock(agent, [stranger.id], "olivia") == 0
    assert blocks.current([]) == {}


def test_a_block_holds_for_all_that_are_linked(agent: Agent) -> None:
    one, other = make_linked_users(agent)
    block(agent, one)

    assert is_blocked(other)
    assert ask(agent, 1, platform="web", external_id="ada").reason == "blocked"
    linking.unlink(agent, one.id)
    assert is_blocked(one)
    assert not is_blocked(other)
    linking.link(agent, other.id, one.id, "olivia")
    assert blocks.unblock(agent, [other.id], "otto") == 1
    assert not is_blocked(one)


def test_of_two_linked_blocks_the_one_that_ends_last_is_reported(agent: Agent) -> None:
    one, other = make_linked_users(agent)
    block(agent, one, until=timezone.now() + HOUR)
    block(agent, other)

    assert {b.is_for_good for b in blocks.current([one.id, other.id]).values()} == {True}


@pytest.mark.parametrize("hours", [(1, 2), (2, 1), (1, None), (None, 1)])
def test_of_two_linked_blocks_the_one_that_ends_last_counts(
    agent: Agent, hours: tuple[int | None, int | None]
) -> None:
    now = timezone.now()
    ends = [None if number is None else now + number * HOUR for number in hours]
    users = make_linked_users(agent)
    for user, until in zip(users, ends, strict=True):
        block(agent, user, until=until, text="for good" if until is None else f"until {until}")
    last = None if None in ends else now + 2 * HOUR

    found = blocks.current([user.id for user in users])
    assert [None if each.is_for_good else each.until for each in found.values()] == [last, last]
    for platform in ("telegram", "web"):
        verdict = ask(agent, 1, platform=platform, external_id="ada")
        assert (verdict.reason, verdict.retry_at) == ("blocked", last)
        assert verdict.text == ("for good" if last is None else f"until {last}")


@pytest.mark.parametrize("text", ["", "Go away until {retry}."])
def test_a_blocked_user_gets_the_operators_text(agent: Agent, text: str) -> None:
    ada = make_user(agent, "Ada", language="de")
    until = timezone.now() + HOUR
    block(agent, ada, until=until, text=text)

    verdict = ask(agent, 1, external_id="ada", text="Hallo?")
    assert (verdict.admitted, verdict.reason, verdict.retry_at) == (False, "blocked", until)
    assert verdict.text.startswith("Go away until in 60 Min. (" if text else "Sie können diesem")
    assert "{" not in verdict.text
    assert EndUser.objects.get(id=ada.id).total_messages_sent == 1
