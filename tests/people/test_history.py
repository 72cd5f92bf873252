"""A user's messages page by page, from anywhere, both ways, at the same cost however many."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.record import record
from frontdesk.people import history
from frontdesk.people.history import Cursor, HistoryPage
from tests.factories import NOON, make_event

SIZE = 7


@pytest.fixture
def user(agent: Agent) -> EndUser:
    """Someone with 40 messages, of which many share a moment."""
    rng = random.Random(5)
    record(agent, [make_event(rng.randrange(8), text=f"{n}") for n in range(40)])
    return EndUser.objects.get()


@pytest.fixture
def ordered(user: EndUser) -> list[Message]:
    return sorted(Message.objects.all(), key=lambda m: (m.sent_at, m.id.hex))


def test_walking_back_shows_each_message_once(user: EndUser, ordered: list[Message]) -> None:
    pages = [history.newest(user, SIZE)]
    while (cursor := pages[-1].earlier) is not None:
        pages.append(history.before(user, cursor, SIZE))
    assert [m for page in reversed(pages) for m in page.messages] == ordered
    assert pages[0].later is None


def test_walking_on_shows_each_message_once(user: EndUser, ordered: list[Message]) -> None:
    pages = [history.from_time(user, NOON, SIZE)]
    assert pages[0].earlier is None
    while (cursor := pages[-1].later) is not None:
        pages.append(history.after(user, cursor, SIZE))
    assert [m for page in pages for m in page.messages] == ordered


def test_from_a_time_in_the_middle_both_ways_are_open(
    user: EndUser, ordered: list[Message]
) -> None:
    time = NOON + dt.timedelta(minutes=3)
    page = history.from_time(user, time, SIZE)
    assert page.messages == [m for m in ordered if m.sent_at >= time][:SIZE]
    assert page.earlier is not None
    assert page.later is not None
    assert history.before(user, page.earlier, 100).messages == [
        m for m in ordered if m.sent_at < time
    ]


def test_a_time_after_the_last_message_leads_to_the_last(user: EndUser) -> None:
    after = NOON + dt.timedelta(days=400)
    assert history.from_time(user, after, SIZE) == history.newest(user, SIZE)


def test_who_has_no_messages_kept_has_an_empty_page(user: EndUser) -> None:
    Message.objects.all().delete()
    assert history.newest(user) == HistoryPage([], None, None)
    assert history.from_time(user, NOON) == HistoryPage([], None, None)


def test_a_cursor_survives_its_text(ordered: list[Message]) -> None:
    cursor = Cursor.of(ordered[3])
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "x", "%%%", "bm90IGEgY3Vyc29y", "é", "MjAyNi0wMS0wMXx4"])
def test_what_is_no_cursor_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - UnicodeDecodeError and binascii.Error are some
        Cursor.parse(text)


def test_a_page_is_read_along_the_index(user: EndUser) -> None:
    """No scan, no sort: 150,000 messages cost what 50 cost."""
    middle = history.newest(user, SIZE).earlier
    assert middle is not None
    with CaptureQueriesContext(connection) as captured:
        history.newest(user, SIZE)
        history.before(user, middle, SIZE)
        history.after(user, middle, SIZE)
    assert len(captured) == 3
    if connection.vendor == "sqlite":
        for query in captured:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + query["sql"])
                plan = " ".join(row[3] for row in cursor.fetchall())
            assert "message_time" in plan
            assert "TEMP B-TREE" not in plan
