"""A user's sessions, page by page, with their first words."""

import uuid

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, Session
from frontdesk.people.profiles.history import Cursor
from frontdesk.people.profiles.sessions_list import SessionsPage, sessions_page
from tests.factories import make_event, make_user, record_events


def words(page: SessionsPage) -> list[str | None]:
    return [session.first_words for session in page.sessions]  # type: ignore[attr-defined]


def talk(agent: Agent, count: int, **fields: str) -> EndUser:
    for number in range(count):
        user = make_user(agent, "Maya", number * 60, text=f"dialogue {number}", **fields)
    return user


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_both_ways_see_each_session_once(agent: Agent, count: int) -> None:
    user = talk(agent, count)
    page = sessions_page([user.id], size=3)
    seen = words(page)
    while page.older:
        page = sessions_page([user.id], before=page.older, size=3)
        seen += words(page)
    assert seen == [f"dialogue {n}" for n in reversed(range(count))]
    backward = words(page)
    while page.newer:
        page = sessions_page([user.id], after=page.newer, size=3)
        backward = words(page) + backward
    assert backward == seen


def test_first_words_are_the_users_in_this_session(agent: Agent) -> None:
    record_events(
        agent,
        make_event(0, role="agent", text="Welcome!"),
        make_event(1, chat="group", text="in another chat"),
        make_event(2, session_id="S", text="in a session of its own"),
        make_event(3, text=""),
        make_event(4, text="what I mean"),
        make_event(5, session_id="T", role="agent", text="nobody answered"),
    )
    user = EndUser.objects.get()
    page = sessions_page([user.id])
    names = [session.external_id or session.chat for session in page.sessions]
    found = dict(zip(names, words(page), strict=True))
    assert found == {
        "": "what I mean",
        "group": "in another chat",
        "S": "in a session of its own",
        "T": None,
    }


def test_sessions_of_identities_interleave(agent: Agent) -> None:
    one = make_user(agent, "A", 0, text="one")
    two = make_user(agent, "B", 60, text="two")
    make_user(agent, "A", 120, text="three")
    page = sessions_page([one.id, two.id], size=2)
    assert words(page) == ["three", "two"]
    assert page.older
    assert words(sessions_page([one.id, two.id], before=page.older, size=2)) == ["one"]


def test_a_place_after_the_last_session_shows_the_last(agent: Agent) -> None:
    user = talk(agent, 2)
    last = Session.objects.filter(end_user=user).order_by("-first_at")[0]
    after = Cursor(last.first_at, last.first_position, uuid.UUID(int=2**128 - 1))
    assert words(sessions_page([user.id], after=after)) == ["dialogue 1", "dialogue 0"]
