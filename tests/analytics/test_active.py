"""Distinct users of any days, against counting them one by one."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.analytics.active import LONGEST, Activity, distinct
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.record import record
from tests.factories import make_event

FIRST = dt.date(2026, 3, 1)  # Berlin's clocks change on the 29th
DAYS = 70
Visits = dict[int, set[int]]
"""The days on which users, by number, wrote."""

visits = st.dictionaries(
    st.integers(0, 7), st.sets(st.integers(0, DAYS - 1), min_size=1), max_size=8
)


def day_of(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def write(agent: Agent, who: Visits) -> None:
    events = []
    for user, days in who.items():
        for day in days:
            local = dt.datetime.combine(day_of(day), dt.time(0, 30), agent.zone)
            events.append(
                make_event(
                    external_id=str(user),
                    platform=("web", "telegram")[user % 2],
                    message_id=f"{user}-{day}",
                    time=local.astimezone(dt.UTC),
                )
            )
    record(agent, events)


def counted(who: Visits, period: Period, platform: str = "") -> int:
    names = ("web", "telegram")
    return sum(
        any(period.first <= day_of(day) <= period.last for day in days)
        for user, days in who.items()
        if not platform or names[user % 2] == platform
    )


@pytest.mark.django_db(transaction=True)
@settings(max_examples=25, deadline=None)
@given(visits, st.integers(0, DAYS - 1), st.integers(1, LONGEST))
def test_every_range_counts_each_user_once(who: Visits, start: int, width: int) -> None:
    agent = Agent.objects.create(name="Ada", time_zone="Europe/Berlin")
    write(agent, who)
    scope = Scope([agent])
    shown = Period(day_of(start), day_of(DAYS - 1))
    activity = Activity.load(scope, shown)
    ends = list(shown.days())
    expected = [counted(who, Period(end - dt.timedelta(days=width - 1), end)) for end in ends]
    assert activity.until(shown, width) == expected
    for end, users in zip(ends, expected, strict=True):
        assert activity.within(Period(end - dt.timedelta(days=width - 1), end)) == users
    for platform in ("", "web", "telegram"):
        of_platform = Scope([agent], platform)
        assert distinct(of_platform, shown) == counted(who, shown, platform)
    agent.delete()
