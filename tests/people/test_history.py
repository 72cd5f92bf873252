"""A user's messages page by page: each is shown once, whatever their times."""

import datetime as dt
import uuid

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import Message
from frontdesk.ledger.order import ORDER
from frontdesk.people.profiles import history
from frontdesk.people.profiles.history import Cursor, HistoryPage
from tests.factories import NOON, make_conversation


def texts(page: HistoryPage) -> list[str]:
    return [message.text for message in page.messages]


@pytest.mark.parametrize("every", [0, 1])  # all at one moment, or one a minute
@pytest.mark.parametrize("count", [0, 1, 3, 4, 6, 7])
def test_both_ways_see_each_message_once(agent: Agent, count: int, every: int) -> None:
    make_conversation(agent, 1, external_id="somebody else")
    user = make_conversation(agent, count or 1, every=every)
    if not count:
        Message.objects.filter(end_user_id=user.id).delete()
    in_order = list(
        Message.objects.filter(end_user_id=user.id).order_by(*ORDER).values_list("text", flat=True)
    )
    page = history.newest([user.id], size=3)
    backward = texts(page)
    while page.earlier:
        page = history.before([user.id], page.earlier, size=3)
        backward = texts(page) + backward
    assert backward == in_order

    page = history.from_time([user.id], NOON, size=3)
    assert page.earlier is None
    forward = texts(page)
    while page.later:
        page = history.after([user.id], page.later, size=3)
        forward += texts(page)
    assert forward == in_order


def test_a_page_can_start_at_any_message(agent: Agent) -> None:
    user = make_conversation(agent, 9, every=0)
    for message in Message.objects.filter(end_user_id=user.id):
        page = history.starting_at([user.id], Cursor.of(message), size=3)
        assert page.messages[0] == message
        assert (page.earlier is None) == (message.text == "Message 001")


def test_a_time_after_the_last_message_shows_the_last(agent: Agent) -> None:
    user = make_conversation(agent, 5)
    page = history.from_time([user.id], NOON + dt.timedelta(days=9), size=3)
    assert texts(page) == ["Message 003", "Message 004", "Message 005"]
    assert page.later is None


def test_a_cursor_survives_its_address() -> None:
    cursor = Cursor(NOON.replace(microsecond=123456), 8, uuid.uuid4())
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "MjAyNi0xMC0xNHw", "fHx8"])
def test_what_is_not_a_cursor_is_rejected(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- of base64, dates or ids
        Cursor.parse(text)
