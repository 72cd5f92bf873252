"""Analytics of all agents: totals, the agents side by side, and the projected cost."""

import datetime as dt
import re
import zoneinfo
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.analytics.active import distinct
from frontdesk.analytics.blocks import figures
from frontdesk.analytics.buckets import users_by
from frontdesk.analytics.company import over_time, side_by_side, usage
from frontdesk.analytics.company.projection import Month, project
from frontdesk.analytics.company.query import CompanyQuery
from frontdesk.analytics.company.report import Report
from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.events import user_id
from frontdesk.ledger.linking import link
from frontdesk.ledger.record import record
from tests.factories import NOON, make_agent, make_event

TODAY = NOON.date()
FIRST = TODAY - dt.timedelta(days=69)
MODEL = "gpt-4o-mini"


def query(address: str = "") -> CompanyQuery:
    return CompanyQuery.parse(QueryDict(address), TODAY)[0]


def write(agent: Agent, *days: int, who: str = "1001", platform: str = "telegram") -> None:
    """A message on each of these days before TODAY."""
    minutes = [-day * 24 * 60 for day in days]
    record(agent, [make_event(m, external_id=who, platform=platform) for m in minutes])


def answer(agent: Agent, day: int, *, cost: int | None = 1_000_000, **fields: Any) -> None:
    """An answer this many days ago, with usage. Without a cost, its price is unknown."""
    given_cost = {} if cost is None else {"cost": cost}
    defaults: dict[str, Any] = {"role": "agent", "model": "house", "input_tokens": 10}
    record(agent, [make_event(-day * 24 * 60 + 1, **{**defaults, **given_cost, **fields})])


def link_two(agent: Agent, one: str, other: str) -> None:
    link(agent, user_id(agent.id, "telegram", one), user_id(agent.id, "telegram", other), "olivia")


def rows(agents: list[Agent], address: str = "") -> list[str]:
    return [row.name for row in side_by_side.load(Scope(agents), query(address)).rows]


@pytest.fixture
def agents(db: None) -> list[Agent]:
    return [make_agent(name) for name in ("Ada", "Bob", "Cleo")]


def test_agents_are_side_by_side_with_the_previous_period(agents: list[Agent]) -> None:
    ada, bob, _ = agents
    write(ada, 0, 1, 8)
    write(ada, 8, who="1002")
    write(bob, 2)
    data = side_by_side.load(Scope(agents), query("period=7d"))
    found = {row.name: (row.now.users, row.before.users) for row in data.rows}
    assert found == {"Ada": (1, 2), "Bob": (1, 0), "Cleo": (0, 0)}
    assert (data.total.now.users, data.total.before.users) == (2, 2)
    assert data.rows[0].now.sums.messages_sent == 2
    users = data.rows[0].figures[0]
    assert users.change == ("50%", "down", "worse")


def test_the_persons_of_each_agent_and_of_all_are_beside_their_users(
    agents: list[Agent],
) -> None:
    ada, bob, _ = agents
    for agent in (ada, bob):
        for who in ("1", "2", "3"):
            write(agent, 0, who=who)
        link_two(agent, "1", "2")
    link_two(bob, "2", "3")
    report = Report(Scope(agents), query("period=7d"))
    data = report.side_by_side
    notes = {row.name: [f.note for f in row.figures[:2]] for row in [*data.rows, data.total]}
    assert notes == {
        "Ada": ["2 persons", "2 persons"],
        "Bob": ["1 person", "1 person"],
        "Cleo": ["", ""],
        "All agents": ["3 persons", "3 persons"],
    }
    noted = {figure.key: figure.note for figure in report.figures.figures if figure.note}
    assert noted == dict.fromkeys(("users", "new", "weekly", "monthly"), "3 persons")
    heads = [head.title for head in data.table.heads]
    at = heads.index("Persons among active users")
    assert [row[at] for row in data.table.rows] == [2, 1, 0]
    assert [row[at + 1] for row in data.table.rows] == [0, 0, 0]


def test_an_unknown_cost_is_not_zero(agents: list[Agent]) -> None:
    ada, bob, _ = agents
    for agent in (ada, bob):
        write(agent, 0)
    answer(ada, 0, cost=None)
    answer(bob, 0, cost=2_000_000)
    data = side_by_side.load(Scope(agents), query())
    costs = {row.name: [f.value for f in row.figures if f.kind == "money"] for row in data.rows}
    assert costs == {"Ada": [None, None], "Bob": [2_000_000, 2_000_000], "Cleo": [0, None]}


def test_agents_are_sorted_as_the_address_says_and_the_unknown_comes_last(
    agents: list[Agent],
) -> None:
    _, bob, cleo = agents
    write(bob, 0)
    write(cleo, 0, 1)
    answer(cleo, 0, cost=None)
    answer(bob, 0)
    assert rows(agents) == ["Bob", "Cleo", "Ada"]
    assert rows(agents, "sort=-sent") == ["Cleo", "Bob", "Ada"]
    assert rows(agents, "sort=name") == ["Ada", "Bob", "Cleo"]
    assert rows(agents, "sort=-name") == ["Cleo", "Bob", "Ada"]
    assert rows(agents, "sort=-cost") == ["Bob", "Ada", "Cleo"]
    assert rows(agents, "sort=cost") == ["Ada", "Bob", "Cleo"]


visits = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 3), st.sampled_from(("web", "api")), st.integers(0, 69)
    ),
    max_size=25,
)


@settings(max_examples=15)
@given(visits, st.sampled_from(("day", "week", "month")), st.integers(0, 69), st.integers(0, 69))
def test_users_by_agent_and_bucket_are_counted_once(
    db: None, visited: list[tuple[int, int, str, int]], grain: str, one: int, other: int
) -> None:
    agents = [make_agent(name) for name in ("Ada", "Bob")]
    for number, who, platform, day in visited:
        write(agents[number], day, who=f"{who}", platform=platform)
    first, last = (TODAY - dt.timedelta(days=day) for day in (max(one, other), min(one, other)))
    asked = query(f"by={grain}&days_from={first}&days_to={last}")
    found = users_by("agent_id", Scope(agents), asked.buckets())
    for number, agent in enumerate(agents):
        for place, bucket in enumerate(asked.buckets()):
            users = {
                (who, platform)
                for n, who, platform, day in visited
                if n == number and TODAY - dt.timedelta(days=day) in set(bucket.days())
            }
            assert found[agent.id][place] == len(users)
        whole = users_by("agent_id", Scope(agents), [asked.period])
        assert whole[agent.id] == [distinct(Scope([agent]), asked.period)]
        both = users_by("agent_id", Scope(agents), [asked.period.before, asked.period])
        before = distinct(Scope([agent]), asked.period.before)
        assert both[agent.id] == [before, *whole[agent.id]]


@pytest.mark.parametrize("address", ["period=7d", "period=90d&by=week", "period=12m&by=month"])
def test_the_figures_are_the_sums_of_those_of_each_agent(agents: list[Agent], address: str) -> None:
    for number, agent in enumerate(agents, 1):
        write(agent, *range(0, 60, number))
        write(agent, 1, 8, 20, who="1002", platform="web")
        answer(agent, number)
    asked = query(address)
    summed = {each.key: each for each in Report(Scope(agents), asked).figures.figures}
    alone = [
        {each.key: each for each in figures.load(Scope([agent]), asked).figures} for agent in agents
    ]
    for key in ("users", "new", "daily", "weekly", "monthly", "sessions", "sent", "cost"):
        for name in ("value", "before"):
            parts = [getattr(own[key], name) for own in alone]
            assert getattr(summed[key], name) == pytest.approx(sum(parts)), key
    for key in ("users", "daily", "sent"):
        by_bucket = zip(*(own[key].series for own in alone), strict=True)
        assert list(summed[key].series) == pytest.approx([sum(values) for values in by_bucket])
    of_all = figures.load(Scope(agents), asked)
    stickiness = [each.value for each in of_all.figures if each.key == "stickiness"]
    assert [summed["stickiness"].value] == stickiness
    assert Report(Scope(agents), asked).figures.begins == of_all.begins


def test_a_chart_shows_the_biggest_agents_and_the_others_as_one(db: None) -> None:
    agents = [make_agent(f"Agent {n}") for n in range(9)]
    for number, agent in enumerate(agents[:8], 1):
        for who in range(number):
            write(agent, 0, who=f"{who}")
    data = over_time.active(Scope(agents), query("period=7d"))
    titles = [series.title for series in data.series]
    assert titles == [*(f"Agent {n}" for n in range(7, 1, -1)), "2 others"]
    assert data.series[-1].values[-1] == 3


def test_cost_by_agent_and_model_shows_what_has_no_price(agents: list[Agent]) -> None:
    ada, bob, _ = agents
    for agent in (ada, bob):
        write(agent, 0)
    answer(ada, 0, cost=3_000_000)
    answer(ada, 1, cost=None, model="secret")
    answer(bob, 0, cost=1_000_000)
    assert usage.load(Scope(agents), query()).table.rows == [
        ["Ada", "house", 1, 3_000_000, 0.75, 3_000_000, 0],
        ["Bob", "house", 1, 1_000_000, 0.25, 1_000_000, 0],
        ["Ada", "secret", 1, None, None, None, 1],
    ]


def test_a_month_is_projected_from_its_share_that_is_over(agents: list[Agent]) -> None:
    write(agents[0], 0)
    for day in (0, 1, 20):  # 14 and 13 October, 24 September
        answer(agents[0], day, cost=1_000_000)
    now = dt.datetime(2026, 10, 16, 12, tzinfo=dt.UTC)  # half of October is over
    data = project(Scope(agents), now)
    assert (data.so_far, data.projected, data.last_month) == (2_000_000, 4_000_000, 1_000_000)
    assert [row.agent.name for row in data.rows] == ["Ada"]


def test_a_month_that_has_just_started_is_projected_from_the_days_before(
    agents: list[Agent],
) -> None:
    write(agents[0], 0)
    for day in (30, 13):  # 14 September and 1 October
        answer(agents[0], day, cost=3_000_000)
    data = project(Scope(agents), dt.datetime(2026, 10, 2, 12, tzinfo=dt.UTC))
    assert data.is_early
    assert (data.so_far, data.projected) == (3_000_000, round(6_000_000 * 31 / 30))


def test_a_month_is_as_long_as_the_zones_clocks_make_it() -> None:
    agent = Agent(name="Ada", time_zone="Europe/Berlin")
    month = Month.of(agent, dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC))
    assert (month.today, month.is_early) == (dt.date(2026, 11, 1), True)
    assert month.elapsed == dt.timedelta(minutes=30)
    october = Month.of(agent, dt.datetime(2026, 10, 31, 22, 30, tzinfo=dt.UTC))
    assert october.length == dt.timedelta(days=31, hours=1)
    assert october.before == Period(dt.date(2026, 9, 1), dt.date(2026, 9, 30))
    assert agent.zone == zoneinfo.ZoneInfo("Europe/Berlin")


def test_the_page_takes_as_many_statements_for_many_agents_as_for_two(
    signed_in: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        agent = make_agent(f"Agent {number}")
        record(agent, [make_event(time=dt.datetime.now(dt.UTC))])
    with django_assert_max_num_queries(22):  # session, operator, agents, platforms, the blocks
        assert signed_in.get("/analytics", {"by": "week", "period": "12m"}).status_code == 200


def test_the_page_keeps_period_order_and_archived_agents_in_its_links(signed_in: Client) -> None:
    agent = make_agent()
    gone = make_agent("Bob", archived_at=NOON)
    for each in (agent, gone):
        record(each, [make_event(time=dt.datetime.now(dt.UTC))])
    text = signed_in.get("/analytics", {"period": "7d", "sort": "-cost"}).content.decode()
    assert f'href="/agents/{agent.id}/analytics?period=7d"' in text
    assert 'aria-sort="descending"' in text
    assert f"/agents/{gone.id}/" not in text
    assert 'href="?period=7d&amp;sort=-cost&amp;archived=1"' in text
    assert 'href="/analytics?period=90d&amp;sort=-cost"' in text
    every = signed_in.get("/analytics", {"archived": "1"}).content.decode()
    assert f"/agents/{gone.id}/analytics" in every


def test_invalid_parameters_are_reported(signed_in: Client, agent: Agent) -> None:
    response = signed_in.get("/analytics", {"sort": "sideways", "archived": "2", "by": "hour"})
    problems = re.findall(r"Ignored <code>(\w+)</code>", response.content.decode())
    assert (response.status_code, sorted(problems)) == (200, ["archived", "by", "sort"])


def test_without_agents_the_page_says_how_to_start(signed_in: Client) -> None:
    assert "Welcome to your front desk" in signed_in.get("/analytics").content.decode()
    make_agent(archived_at=NOON)
    assert "All agents are archived" in signed_in.get("/analytics").content.decode()


@pytest.mark.parametrize(
    "key", ["figures", "agents", "agents-active", "agents-cost", "agents-models", "projection"]
)
def test_each_block_is_a_file(signed_in: Client, key: str) -> None:
    assert signed_in.get(f"/analytics/{key}.csv").status_code == 200  # without any agent
    agent = make_agent("=Ada")
    now = dt.datetime.now(dt.UTC)
    priced: dict[str, Any] = {"model": MODEL, "input_tokens": 1, "cost": 2_000_000}
    record(agent, [make_event(time=now), make_event(time=now, role="agent", **priced)])
    response = signed_in.get(f"/analytics/{key}.csv", {"period": "7d"})
    assert response["Content-Disposition"].startswith('attachment; filename="all-agents-')
    assert ("'=Ada" in response.content.decode()) == (key != "figures")
    assert "," in response.content.decode().splitlines()[1]


def test_an_unknown_block_is_not_found(signed_in: Client) -> None:
    assert signed_in.get("/analytics/secrets.csv").status_code == 404


def test_the_pages_ask_to_sign_in(client: Client, db: None) -> None:
    for url in ("/analytics", "/analytics/agents.csv"):
        assert client.get(url).status_code == 302


def test_a_period_ends_with_the_latest_today_of_the_agents(signed_in: Client) -> None:
    ahead = make_agent("Ahead", time_zone="Pacific/Kiritimati")
    make_agent("Behind", time_zone="Pacific/Niue")
    now = dt.datetime.now(dt.UTC)
    record(ahead, [make_event(time=now)])
    Operator.objects.update(time_zone="Pacific/Niue")  # a day behind at any time
    file = signed_in.get("/analytics/agents-active.csv?period=today").content.decode()
    assert file.splitlines()[1:] == [f"{now.astimezone(ahead.zone).date()},Ahead,1"]
