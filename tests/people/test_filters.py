"""The query string of a list of users: untrusted when parsed, and normalized when written."""

import datetime as dt
import zoneinfo
from dataclasses import replace
from decimal import Decimal
from typing import cast
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.core.http.parameters import Problem, Range
from frontdesk.ledger.record import record
from frontdesk.people.table.columns import SORTS
from frontdesk.people.table.filter_kinds.choices import TAG_MODES, ChoiceFilter
from frontdesk.people.table.filter_kinds.times import PRESETS, InactiveFilter, PeriodFilter
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.query import users_page
from frontdesk.people.table.users_query import DEFAULT_SORT, MAX_QUERY, UsersQuery
from tests.factories import make_event

UTC = zoneinfo.ZoneInfo("UTC")
NAMES = [
    "q", "platform", "language", "status", "plan", "tag", "tags", "last", "seen", "quiet", "sort",
    "page", "page_size",
    *(
        f"{name}_{end}"
        for name in ("last", "seen", "active", "also", "inactive", "joined")
        for end in ("from", "to")
    ),
    *(
        f"{name}_{end}"
        for name in ("sessions", "chat", "sent", "cost", "per_session")
        for end in ("min", "max")
    ),
]  # fmt: skip
LAST = cast(PeriodFilter, FILTERS["last"])
QUIET = cast(InactiveFilter, FILTERS["quiet"])
STATUS = cast(ChoiceFilter, FILTERS["status"])


def parse(text: str) -> tuple[UsersQuery, list[Problem]]:
    return UsersQuery.parse(QueryDict(text), UTC)


@pytest.mark.parametrize(
    "bad",
    [
        "page=0",
        "page=-1",
        "page=two",
        "page=1e3",
        "page=99999999999999999999",
        "page=%D9%A3",
        "page_size=0",
        "page_size=1000",
        "sort=beauty",
        "sort=--name",
        "last=yesterday",
        "last_from=2026-13-01",
        "last_to=today",
        "seen_from=0001-01-01",
        "sessions_min=-1",
        "chat_max=1.5",
        "sent_min=many",
        "platform=Web%20Chat",
        "platform=%00",
        "language=%3Cscript%3E",
        "status=banned",
        "plan=%00",
        "tag=",
        "tag=" + "x" * 256,
        "tags=some",
        "seen=ever",
        "quiet=0",
        "quiet=99999",
        "cost_min=-1",
        "cost_min=1e3",
        "cost_max=0.0000001",
        "cost_max=9999999999",
        "per_session_min=1.234",
        "per_session_max=%D9%A3",
    ],
)
def test_invalid_parameters_are_reported_and_ignored(bad: str) -> None:
    query, problems = parse(bad)
    assert [problem.parameter for problem in problems] == [bad.partition("=")[0]]
    assert query == UsersQuery()


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("sessions_min=5&sessions_max=2", "sessions_max"),
        ("cost_min=0.5&cost_max=0.4", "cost_max"),
        ("last_from=2026-02-01&last_to=2026-01-01", "last_to"),
    ],
)
def test_a_range_that_ends_before_it_begins_is_a_problem(text: str, parameter: str) -> None:
    assert [problem.parameter for problem in parse(text)[1]] == [parameter]


def test_valid_parameters_are_kept_next_to_invalid_ones() -> None:
    query, problems = parse("sent_min=3&sent_max=x&sort=-cost")
    assert query.filters == {"sent": Range(3, None)}
    assert query.sort == "-cost"
    assert len(problems) == 1


def test_dollars_are_read_exactly() -> None:
    query, problems = parse("cost_min=0.1&cost_max=1234567.000001&per_session_min=2.5")
    assert problems == []
    assert query.filters == {
        "cost": Range(100_000, 1_234_567_000_001),
        "per_session": Range(250, None),
    }


def test_inactive_users_have_not_written_for_that_many_days() -> None:
    now = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    query = replace(parse("quiet=14")[0], now=now)
    since = QUIET.since(query.filters["quiet"], query.context(Agent()))
    assert since == dt.datetime(2026, 11, 6, 12, tzinfo=dt.UTC)


def test_a_long_search_is_cut() -> None:
    assert len(parse(urlencode({"q": "a" * 1000}))[0].q) == MAX_QUERY


def test_empty_fields_of_a_form_ask_for_nothing() -> None:
    empty = [(name, "") for name in NAMES if name not in ("language", "platform", "plan", "tag")]
    assert parse(urlencode(empty)) == (UsersQuery(), [])


def test_any_change_but_of_the_page_leads_to_page_one() -> None:
    query = parse("q=ada&page=7")[0]
    assert query.params() == [("q", "ada"), ("page", "7")]
    assert query.params(sort="name") == [("q", "ada"), ("sort", "name")]
    assert query.params(page=8) == [("q", "ada"), ("page", "8")]


def test_presets_count_whole_days_and_today_is_one() -> None:
    today = dt.datetime.now(UTC).date()
    for preset, days in PRESETS.items():
        query = parse(f"last={preset}")[0]
        low, high = LAST.moments(query.filters["last"], query.context(Agent()))
        assert low is not None
        assert low.date() in (today - dt.timedelta(days=days), today - dt.timedelta(days=days - 1))
        assert high is None


days = st.dates(dt.date(1980, 1, 1), dt.date(2100, 1, 1)).map(str)
counts = st.integers(0, 10**6).map(str)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "q": st.text(max_size=50),
            "platform": st.sampled_from(["web", "telegram", "my-own_1"]),
            "language": st.sampled_from(["", "en", "pt-br"]),
            "status": st.sampled_from(list(STATUS.options)),
            "plan": st.sampled_from(["", "pro", "Größte & beste"]),
            "tag": st.sampled_from(["vip", "王伟", "a+b=c"]),
            "tags": st.sampled_from(list(TAG_MODES)),
            "last": st.sampled_from(list(PRESETS)),
            "seen": st.sampled_from(list(PRESETS)),
            "quiet": st.integers(1, 36_500).map(str),
            "cost_min": st.integers(0, 10**12).map(lambda micro: f"{Decimal(micro) / 10**6:f}"),
            "per_session_max": st.integers(0, 10**6).map(lambda n: f"{Decimal(n) / 100:f}"),
            "last_from": days,
            "seen_to": days,
            "sessions_min": counts,
            "chat_max": counts,
            "sort": st.sampled_from([*SORTS, DEFAULT_SORT]),
            "page": st.integers(1, 10**6).map(str),
        },
    )
)
def test_a_list_has_an_address_that_leads_to_it(given_parameters: dict[str, str]) -> None:
    query, problems = parse(urlencode(given_parameters))
    assert problems == []
    assert parse(urlencode(query.params())) == (query, [])


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=60)))
def test_no_query_string_breaks_it(hostile: dict[str, str]) -> None:
    query, _ = parse(urlencode(hostile))
    assert parse(urlencode(query.params()))[1] == []
    query.conditions(Agent())


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ("language=pt", ["br", "pt"]),
        ("language=pt-br", ["br"]),
        ("language=pt-br&language=de", ["at", "br"]),
        ("language=pt-ao", []),
        ("language=", ["none"]),
    ],
)
def test_a_language_finds_all_its_regions_and_a_region_only_itself(
    agent: Agent, asked: str, who: list[str]
) -> None:
    tags = {"pt": "pt", "br": "pt-br", "at": "de-at", "none": ""}
    record(agent, [make_event(external_id=id_, language=tag) for id_, tag in tags.items()])
    query, problems = UsersQuery.parse(QueryDict(asked), zoneinfo.ZoneInfo("UTC"))
    assert not problems
    page = users_page(agent, query)
    assert sorted(user.external_id for user in page.rows) == who
    assert (page.total, page.total_is_exact) == (len(who), True)
