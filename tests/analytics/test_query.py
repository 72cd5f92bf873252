"""The query of an analytics page: any query string is parsed, or reported as a problem."""

import datetime as dt

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.analytics.query import (
    GRAINS,
    MAX_DAYS,
    MAX_DAYS_BY_DAY,
    PRESETS,
    AnalyticsQuery,
    Period,
)

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 25)

days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
typed_days = st.one_of(
    days.map(str), st.sampled_from(["", "0001-01-01", "9999-12-31", "2026-02-30", "20260301", "x"])
)
texts = st.one_of(
    st.sampled_from([*PRESETS, *GRAINS, "web", "telegram", "", "\0", "<b>", "-", "7D", "٣"]),
    st.text(max_size=40),
)


@st.composite
def query_strings(draw: st.DrawFn) -> QueryDict:
    data = QueryDict(mutable=True)
    for name in ("period", "by", "platform"):
        data.setlist(name, draw(st.lists(texts, max_size=3)))
    for name in ("days_from", "days_to"):
        data.setlist(name, draw(st.lists(st.one_of(typed_days, texts), max_size=2)))
    return data


def parse(text: str, today: dt.date = TODAY) -> AnalyticsQuery:
    query, problems = AnalyticsQuery.parse(QueryDict(text), today)
    assert problems == []
    return query


def problems_of(text: str) -> list[str]:
    return [problem.parameter for problem in AnalyticsQuery.parse(QueryDict(text), TODAY)[1]]


@given(query_strings(), days)
def test_any_query_string_is_a_period_until_today_in_whole_buckets(
    data: QueryDict, today: dt.date
) -> None:
    query, _ = AnalyticsQuery.parse(data, today)
    period, buckets = query.period, query.buckets()
    assert period.first <= period.last <= today
    assert 1 <= period.length <= MAX_DAYS
    assert len(buckets) <= MAX_DAYS_BY_DAY
    assert [day for bucket in buckets for day in bucket.days()] == list(period.days())
    assert period.before.length == period.length
    assert period.before.last + DAY == period.first


@given(query_strings(), days)
def test_the_address_of_a_query_leads_back_to_it_without_problems(
    data: QueryDict, today: dt.date
) -> None:
    query, _ = AnalyticsQuery.parse(data, today)
    address = QueryDict(mutable=True)
    for name, value in query.params():
        address.appendlist(name, value)
    again, problems = AnalyticsQuery.parse(QueryDict(address.urlencode()), today)
    assert problems == []
    assert again.params() == query.params()
    assert (again.period, again.by, again.platform) == (query.period, query.by, query.platform)


@given(st.sampled_from(GRAINS), days, st.integers(1, MAX_DAYS_BY_DAY))
def test_buckets_are_cut_where_the_calendar_cuts(grain: str, last: dt.date, length: int) -> None:
    first = last - (length - 1) * DAY
    query = parse(f"days_from={first}&days_to={last}&by={grain}", today=last)
    buckets = query.buckets()
    assert query.by == grain
    keys = [cut_of(bucket.first, grain) for bucket in buckets]
    assert keys == sorted(set(keys)), "each day, week or month is one bucket"
    assert [cut_of(bucket.last, grain) for bucket in buckets] == keys


def cut_of(day: dt.date, grain: str) -> tuple[int, ...]:
    """The day, the ISO week or the month that contains a day."""
    return {
        "day": (day.toordinal(),),
        "week": day.isocalendar()[:2],
        "month": (day.year, day.month),
    }[grain]


@pytest.mark.parametrize(
    ("text", "today", "first", "length"),
    [
        ("", "2026-11-25", "2026-10-27", 30),
        ("period=today", "2026-11-25", "2026-11-25", 1),
        ("period=7d", "2026-03-03", "2026-02-25", 7),
        ("period=90d", "2028-03-01", "2027-12-03", 90),
        ("period=12m", "2026-11-25", "2025-11-26", 365),
        ("period=12m", "2028-02-28", "2027-03-01", 365),
        ("period=12m", "2028-02-29", "2027-03-01", 366),  # a leap day has none a year before
        ("period=12m", "2028-03-01", "2027-03-02", 366),
        ("days_from=2026-02-01&days_to=2026-02-28", "2026-11-25", "2026-02-01", 28),
        ("days_from=2026-11-01", "2026-11-25", "2026-11-01", 25),  # until today
        ("days_to=2026-03-31", "2026-11-25", "2026-03-02", 30),  # thirty days until then
        ("days_to=2030-01-01", "2026-11-25", "2026-10-27", 30),  # nothing is in the future
        ("period=7d&days_from=2026-11-24", "2026-11-25", "2026-11-24", 2),  # days beat a preset
    ],
)
def test_periods(text: str, today: str, first: str, length: int) -> None:
    period = parse(text, dt.date.fromisoformat(today)).period
    assert (str(period.first), period.length) == (first, length)


def test_invalid_parameters_are_reported_and_ignored() -> None:
    assert problems_of("period=3d") == ["period"]
    assert problems_of("by=hour") == ["by"]
    assert problems_of("platform=Web!") == ["platform"]
    assert problems_of("days_from=2026-02-30") == ["days_from"]
    assert problems_of("days_from=2026-11-26") == ["days_from"], "the future"
    assert problems_of("days_from=2026-11-02&days_to=2026-11-01") == ["days_to"]
    assert problems_of("days_from=2001-01-01") == ["days_from"], "more than five years"
    assert problems_of("days_from=2021-11-24&days_to=2026-11-25") == []


def test_a_long_period_is_not_drawn_by_day() -> None:
    assert parse("period=90d").by == "day"
    assert parse("period=12m").by == "week"
    assert parse("period=12m&by=day").by == "day"
    assert parse("days_from=2024-01-01&by=day").by != "day"
    assert parse("days_from=2024-01-01").by == "month"


def test_the_days_of_a_year_with_a_leap_day_are_all_there() -> None:
    query = parse("days_from=2028-01-01&days_to=2028-12-31&by=month", dt.date(2029, 1, 1))
    assert [bucket.length for bucket in query.buckets()] == [
        31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
    ]  # fmt: skip
    assert query.period.before == Period(dt.date(2026, 12, 31), dt.date(2027, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "period=%00&by=%ff&platform=%F0%9F%92%A9&days_from=%00&days_to=9999-99-99",
        "days_from=1971-01-01&days_to=1971-01-01&by=month",
        "days_from=2026-W01-1&days_to=99999999999999999999",
        "platform=web&platform=telegram&platform=nobody&" + "period=today&" * 90,
        "sessions_from=-1&sent_from=1e9&sessions_from=%00&sent_from=99999999999999999999",
        "sort=%27&agent=x&archived=%00",
    ],
)
def test_a_hostile_query_string_is_answered(signed_in: Client, agent: Agent, text: str) -> None:
    for address in (f"/agents/{agent.id}/analytics", f"/agents/{agent.id}/analytics/messages.csv"):
        assert signed_in.get(f"{address}?{text}").status_code == 200


@pytest.mark.parametrize(
    ("zone", "now", "today"),
    [
        ("Europe/Berlin", "2026-03-28 23:30", "2026-03-29"),  # an hour is left out at 2:00
        ("Europe/Berlin", "2026-10-25 00:59", "2026-10-25"),
        ("America/Sao_Paulo", "2018-11-04 03:00", "2018-11-04"),  # that day began at 1:00
        ("Pacific/Apia", "2011-12-30 10:00", "2011-12-31"),  # there was no 30 December
        ("Pacific/Kiritimati", "2026-11-25 10:00", "2026-11-26"),
    ],
)
def test_today_is_the_agents(
    signed_in: Client,
    agent: Agent,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    now: str,
    today: str,
) -> None:
    agent.time_zone = zone
    agent.save()
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    answer = signed_in.get(f"/agents/{agent.id}/analytics?period=today")
    assert str(answer.context["query"].period.last) == today
