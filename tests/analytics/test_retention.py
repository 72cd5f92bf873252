"""Retention: the weeks after the first one."""

import datetime as dt

import pytest
from django.http import QueryDict
from hypothesis import given, settings

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import retention
from frontdesk.analytics.blocks.retention import Retention
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.rollups import week_of
from tests.analytics.visits import DAYS, FIRST, Visits, day_of, record_visits, visits
from tests.factories import make_agent

TODAY = day_of(DAYS - 1)  # a Saturday; FIRST is a Sunday
WEEK = dt.timedelta(days=7)


def load(agent: Agent, text: str = "period=90d", platform: str = "") -> Retention:
    query, _ = AnalyticsQuery.parse(QueryDict(text), TODAY)
    return retention.load(Scope([agent], platform, "/users"), query)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=25, deadline=None)
@given(visits)
def test_each_user_is_counted_once_in_each_of_their_weeks(who: Visits) -> None:
    agent = make_agent(time_zone="Europe/Berlin")
    record_visits(agent, who)
    weeks = [sorted({week_of(day_of(day)) for day in days}) for days in who.values()]
    found = load(agent)
    assert [row.monday for row in found.rows] == sorted({each[0] for each in weeks})
    for row in found.rows:
        theirs = [each for each in weeks if each[0] == row.monday]
        for cell in row.cells:
            users = sum(row.monday + cell.after * WEEK in each for each in theirs)
            assert (cell.users, cell.share) == (users, users / len(theirs))
        last = row.monday + row.cells[-1].after * WEEK
        assert last == week_of(TODAY)  # until now, whatever the period is
    agent.delete()


def test_the_median_leaves_out_weeks_that_are_not_over(agent: Agent) -> None:
    # Two came on the Sunday, one of them came back every week, and one came this week.
    record_visits(agent, {1: set(range(0, DAYS, 7)), 3: {0}, 5: {DAYS - 1}})
    found = load(agent)
    assert [row.users for row in found.rows] == [2, 1]
    assert found.rows[0].cells[-1].is_open
    assert found.rows[1].cells[0].is_open
    assert found.medians == [1.0, *[0.5] * 9, None]
    assert found.curve is not None
    assert len(found.curve.marks) == 10


def test_the_newest_first_weeks_are_shown_and_the_rest_is_counted(agent: Agent) -> None:
    record_visits(agent, {1: {0}})
    found = load(agent, "period=12m")
    assert found.hidden == 53 - retention.MAX_WEEKS
    assert [row.monday for row in found.rows] == [week_of(FIRST)]
    assert load(agent, "period=7d").rows == []
    assert load(agent, "period=7d").curve is None


def test_a_platform_has_first_weeks_of_its_own(agent: Agent) -> None:
    record_visits(agent, {1: {0}, 2: {14}})  # telegram, web
    assert [row.users for row in load(agent, platform="web").rows] == [1]
    assert load(agent, platform="web").rows[0].monday == week_of(day_of(14))
    assert "platform=web" in load(agent, platform="web").rows[0].cells[0].link


def test_weeks_that_are_left_out_are_said(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    record_visits(agent, {1: {0}})
    weeks = len(load(agent, "period=12m").rows[0].cells)
    for limit, is_cut in ((weeks, False), (weeks - 1, True)):
        monkeypatch.setattr(retention, "MAX_WEEKS", limit)
        found = load(agent, f"days_from={FIRST}&days_to={FIRST + 6 * dt.timedelta(days=1)}")
        assert (len(found.rows[0].cells), found.is_cut) == (limit, is_cut)
