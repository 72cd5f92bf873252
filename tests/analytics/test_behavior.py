"""Sessions by messages sent."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import behavior
from frontdesk.analytics.blocks.behavior import Behavior
from frontdesk.analytics.blocks.behavior_map import Habit
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.record import record
from frontdesk.people.table.counting import count
from frontdesk.people.table.users_query import UsersQuery
from tests.factories import make_agent, make_event

TODAY = dt.date(2026, 10, 14)


def write(agent: Agent, *talks: list[int], platform: str = "web") -> None:
    """One user for each list: the number of messages in each of their sessions."""
    record(
        agent,
        [
            make_event(
                -60 * session - n / 60,
                external_id=f"{platform}-{user}",
                platform=platform,
                message_id=f"{session}-{n}",
            )
            for user, sent in enumerate(talks)
            for session, messages in enumerate(sent)
            for n in range(messages)
        ],
    )


def load(agent: Agent, text: str = "", platform: str = "") -> Behavior:
    query, problems = AnalyticsQuery.parse(QueryDict(text), TODAY)
    assert problems == []
    return behavior.load(Scope([agent], platform, "/users"), query)


def listed(agent: Agent, link: str) -> int | None:
    query, problems = UsersQuery.parse(QueryDict(urlsplit(link).query), agent.zone)
    assert problems == []
    return count(agent, query)


talks = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=9), max_size=6)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=25)
@given(talks, st.sampled_from([0, 2, 4, 8]), st.sampled_from([0, 2, 4, 16]))
def test_cells_and_corners_are_the_users_that_their_links_list(
    users: list[list[int]], sessions_from: int, sent_from: int
) -> None:
    agent = make_agent()
    write(agent, *users)
    limits = {"sessions_from": sessions_from, "sent_from": sent_from}
    found = load(agent, "&".join(f"{name}={limit}" for name, limit in limits.items() if limit))
    assert found.total == len(users)
    for habit, number in found.users.items():
        assert listed(agent, found.link(habit)) == number
    assert sum(corner.users for corner in found.corners) == len(users)
    for corner in found.corners:
        assert listed(agent, corner.link) == corner.users
    agent.delete()


def test_corners_are_named_by_sessions_and_messages(agent: Agent) -> None:
    write(agent, [1, 1, 1, 1], [9, 9, 9, 9], [1], [40])
    found = load(agent, "sessions_from=4&sent_from=16")
    assert [(corner.name, corner.users) for corner in found.corners] == [
        ("Hard to help", 1),
        ("Regulars", 1),
        ("Tried it", 1),
        ("Engaged", 1),
    ]
    assert found.corners[0].rule == "4 or more sessions, 1–15 messages"


def test_many_is_at_first_more_than_the_median(agent: Agent) -> None:
    write(agent, [2], [3], [2, 2, 2])
    found = load(agent)
    assert (found.sessions_from, found.sent_from) == (2, 4)
    assert load(agent, "sessions_from=8").sessions_from == 8


def test_many_can_only_start_where_a_band_starts() -> None:
    query, problems = AnalyticsQuery.parse(QueryDict("sessions_from=3&sent_from=x"), TODAY)
    assert [problem.parameter for problem in problems] == ["sessions_from", "sent_from"]
    assert (query.sessions_from, query.sent_from) == (0, 0)
    query, _ = AnalyticsQuery.parse(QueryDict("sessions_from=4&sent_from=16"), TODAY)
    assert query.params() == [("sessions_from", "4"), ("sent_from", "16")]


def test_the_map_has_every_user_and_a_label_for_each_cell(agent: Agent) -> None:
    write(agent, [1], [1] * 9)
    found = load(agent)
    shapes = found.map
    assert len(shapes.discs) == found.session_bands * found.sent_bands
    marked = [disc for disc in shapes.discs if disc.level]
    assert [disc.label for disc in marked] == [
        "1 user (50.0%): 8–15 sessions, 8–15 messages sent",
        "1 user (50.0%): 1 session, 1 message sent",
    ]
    assert all(disc.link for disc in marked)
    assert not any(disc.link for disc in shapes.discs if not disc.level)
    assert shapes.discs[0].label == "No users: 8–15 sessions, 1 message sent"


def test_platforms_are_distinguished(agent: Agent) -> None:
    write(agent, [1])
    write(agent, [5], [5], platform="telegram")
    assert load(agent, platform="telegram").users == {Habit(1, 3): 2}
    assert load(agent, platform="tele").users == {}
    assert load(agent).total == 3
