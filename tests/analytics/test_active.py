"""Distinct users of any days, compared with counting them one by one."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.analytics.active import MONTH, WEEK, Rolling, distinct, distinct_by_platform
from frontdesk.analytics.buckets import users_by, users_in
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.record import record
from tests.factories import make_agent, make_event

FIRST = dt.date(2026, 3, 1)  # Berlin's clocks change on the 29th
DAYS = 100
PLATFORMS = ("web", "telegram")
Visits = dict[int, set[int]]
"""The days on which users, by number, wrote."""

visits = st.dictionaries(
    st.integers(0, 7), st.sets(st.integers(0, DAYS - 1), min_size=1), max_size=8
)
starts = st.integers(0, DAYS - 1)


def day_of(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def ending(last: dt.date, width: int) -> Period:
    return Period(last - dt.timedelta(days=width - 1), last)


def write(who: Visits) -> Agent:
    agent = make_agent(time_zone="Europe/Berlin")
    events = []
    for user, days in who.items():
        for day in days:
            local = dt.datetime.combine(day_of(day), dt.time(0, 30), agent.zone)
            events.append(
                make_event(
                    external_id=str(user),
                    platform=PLATFORMS[user % 2],
                    message_id=f"{user}-{day}",
                    time=local.astimezone(dt.UTC),
                )
            )
    record(agent, events)
    return agent


def counted(who: Visits, period: Period, platform: str = "") -> int:
    return sum(
        any(period.first <= day_of(day) <= period.last for day in days)
        for user, days in who.items()
        if not platform or PLATFORMS[user % 2] == platform
    )


@settings(max_examples=25)
@given(visits, starts)
def test_weeks_and_months_that_end_with_a_day(db: None, who: Visits, start: int) -> None:
    scope = Scope([write(who)])
    shown = Period(day_of(start), day_of(DAYS - 1))
    rolling = Rolling.load(scope, shown)
    for width in (1, WEEK, MONTH):
        for day in shown.days():
            assert rolling.on(day, width) == counted(who, ending(day, width)), (day, width)


@settings(max_examples=25)
@given(visits, starts, st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_each_bucket_counts_each_user_once(
    db: None, who: Visits, start: int, lengths: list[int]
) -> None:
    agent, buckets, first = write(who), [], day_of(start)
    for length in lengths:
        buckets.append(ending(first + dt.timedelta(days=length - 1), length))
        first = buckets[-1].last + dt.timedelta(days=1)
    expected = [counted(who, bucket) for bucket in buckets]
    assert users_in(Scope([agent]), buckets) == expected
    by_agent = users_by("agent_id", Scope([agent]), buckets)
    assert by_agent.get(agent.id, [0] * len(buckets)) == expected
    assert [distinct(Scope([agent]), bucket) for bucket in buckets] == expected
    for platform in PLATFORMS:
        of_platform = [counted(who, bucket, platform) for bucket in buckets]
        assert users_in(Scope([agent], platform), buckets) == of_platform
        for bucket, users in zip(buckets, of_platform, strict=True):
            assert distinct_by_platform(Scope([agent]), bucket).get(platform, 0) == users


def test_several_agents_are_added_up(db: None) -> None:
    who = {0: {0, 3}, 1: {3}}
    scope = Scope([write(who), write({0: {3, 9}})])
    assert users_in(scope, [Period(day_of(0), day_of(6)), Period(day_of(7), day_of(9))]) == [3, 1]
    rolling = Rolling.load(scope, Period(day_of(0), day_of(9)))
    assert [rolling.on(day_of(n), WEEK) for n in (0, 3, 9)] == [1, 3, 3]
