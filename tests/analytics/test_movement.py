"""Movement from week to week, compared with each user's weeks."""

import datetime as dt

import pytest
from django.http import QueryDict
from hypothesis import given, settings

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import movement
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.rollups import week_of
from tests.analytics.visits import DAYS, Visits, day_of, record_visits, visits
from tests.factories import make_agent

TODAY = day_of(DAYS - 1)  # a Saturday
WEEK = dt.timedelta(days=7)


def parse(text: str) -> AnalyticsQuery:
    return AnalyticsQuery.parse(QueryDict(text), TODAY)[0]


@pytest.mark.django_db(transaction=True)
@settings(max_examples=25, deadline=None)
@given(visits)
def test_each_user_of_a_week_is_counted_for_what_they_did(who: Visits) -> None:
    agent = make_agent(time_zone="Europe/Berlin")
    record_visits(agent, who)
    weeks = [sorted({week_of(day_of(day)) for day in days}) for days in who.values()]
    found = movement.load(Scope([agent]), parse("period=90d"))
    for row in found.weeks:
        this, before = row.monday, row.monday - WEEK
        assert row.new == sum(w[0] == this for w in weeks)
        assert row.returning == sum(this in w and before in w for w in weeks)
        assert row.reactivated == sum(this in w and before not in w and w[0] < this for w in weeks)
        assert row.inactive == sum(before in w and this not in w for w in weeks)
        assert row.lost == sum(
            this - 4 * WEEK in w and not any(this - n * WEEK in w for n in range(4)) for w in weeks
        )
    agent.delete()


def test_weeks_are_whole_and_those_that_the_period_touches(agent: Agent) -> None:
    found = movement.load(Scope([agent]), parse("period=7d"))
    assert [row.monday for row in found.weeks] == [week_of(TODAY) - WEEK, week_of(TODAY)]
    assert found.chart.buckets[-1].last == TODAY + dt.timedelta(days=1)
    five_years = parse("days_from=2022-01-01")
    assert len(movement.load(Scope([agent]), five_years).weeks) == movement.MAX_WEEKS


def test_losses_are_below_zero_in_the_chart_and_numbers_in_the_table(agent: Agent) -> None:
    record_visits(agent, {1: {DAYS - 8}})
    found = movement.load(Scope([agent]), parse("period=7d"))
    inactive = found.chart.series[3]
    assert (inactive.title, list(inactive.values)) == ("Going quiet", [0, -1])
    assert found.table.rows[-1] == ["2026-05-04", "2026-05-10", 0, 0, 0, 1, 0]


def test_over_several_agents_numbers_are_added_and_lead_nowhere(agent: Agent) -> None:
    other = make_agent("Bert")
    for each in (agent, other):
        record_visits(each, {1: {DAYS - 1}})
    found = movement.load(Scope([agent, other]), parse("period=7d"))
    assert found.weeks[-1].new == 2
    assert not any(link for row in found.table.links for link in row)
