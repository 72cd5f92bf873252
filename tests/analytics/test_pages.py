"""The page of an agent's analytics, and its files."""

import csv
import datetime as dt
import io
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import BLOCKS, BY_KEY, figures
from frontdesk.analytics.blocks.figure import Figure
from frontdesk.analytics.blocks.table import Head, Series, Table, TimeChart
from frontdesk.analytics.labels import bucket_label, period_label
from frontdesk.analytics.links import users_url
from frontdesk.analytics.persons import active_in, linked_in
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.console.analytics.csv_file import csv_text
from frontdesk.console.templatetags.analytics import shown
from frontdesk.ledger import linking
from frontdesk.ledger.erase import erase
from frontdesk.ledger.events import user_id
from tests.factories import (
    make_agent,
    make_event,
    make_linked_users,
    make_user,
    record_events,
)


def wrote(agent: Agent, days_ago: float = 0, **fields: Any) -> None:
    """A user sent a message this many days ago."""
    record_events(agent, make_event(**{"time": now() - dt.timedelta(days=days_ago), **fields}))


def text_of(client: Client, agent: Agent, query: str = "", **headers: str) -> str:
    response = client.get(f"/agents/{agent.id}/analytics{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def rows_of(client: Client, agent: Agent, key: str, query: str = "") -> list[list[str]]:
    response = client.get(f"/agents/{agent.id}/analytics/{key}.csv{query}")
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode())))


# --- the page -----------------------------------------------------------------------------------


def test_it_asks_to_sign_in(client: Client, agent: Agent) -> None:
    for path in ("analytics", "analytics/messages.csv"):
        assert client.get(f"/agents/{agent.id}/{path}").status_code == 302


def test_an_unknown_agent_is_not_found(signed_in: Client, db: None) -> None:
    for path in ("analytics", "analytics/messages.csv"):
        assert signed_in.get(f"/agents/{uuid.uuid4()}/{path}").status_code == 404


def test_an_agent_without_users_shows_how_to_start(signed_in: Client, agent: Agent) -> None:
    assert 'data-empty="nothing-yet"' in text_of(signed_in, agent)


def test_every_block_has_its_title_definition_table_and_file(
    signed_in: Client, agent: Agent
) -> None:
    wrote(agent)
    text = text_of(signed_in, agent, "?period=7d")
    for block in BLOCKS:
        assert f'id="block-{block.key}"' in text
        assert f"/analytics/{block.key}.csv?period=7d" in text
        assert rows_of(signed_in, agent, block.key, "?period=7d")


def test_the_days_the_zone_and_what_is_compared_are_named(signed_in: Client, agent: Agent) -> None:
    wrote(agent)
    agent.time_zone = "Asia/Kathmandu"
    agent.save()
    text = text_of(signed_in, agent, "?days_from=2026-01-08&days_to=2026-01-14")
    assert "8 – 14 Jan 2026" in text
    assert "compared with 1 – 7 Jan 2026" in text
    assert "Days in Asia/Kathmandu" in text
    assert "until now" in text_of(signed_in, agent)


def test_htmx_gets_the_report_alone(signed_in: Client, agent: Agent) -> None:
    wrote(agent)
    whole, part = text_of(signed_in, agent), text_of(signed_in, agent, HX_Target="div#analytics")
    assert "<!doctype html>" in whole
    assert part.strip().startswith('<div id="analytics"')


def test_invalid_parameters_are_reported(signed_in: Client, agent: Agent) -> None:
    wrote(agent)
    text = text_of(signed_in, agent, "?period=eternity&days_from=2026-02-30")
    assert "<code>period</code>" in text
    assert "“2026-02-30” is not a date" in text


def test_the_choices_keep_what_else_was_chosen(signed_in: Client, agent: Agent) -> None:
    wrote(agent)
    response = signed_in.get(f"/agents/{agent.id}/analytics?period=90d&by=week&platform=telegram")
    picker = response.context["picker"]
    month = next(choice for choice in picker.presets if choice.label == "30 days")
    assert parse_qs(urlsplit(month.url).query) == {"by": ["week"], "platform": ["telegram"]}
    assert [choice.label for choice in picker.grains if choice.is_current] == ["Week"]
    assert [choice.label for choice in picker.platforms if choice.is_current] == ["telegram"]
    assert picker.kept == [("by", "week"), ("platform", "telegram")]


def test_a_platform_leaves_the_others_out(signed_in: Client, agent: Agent) -> None:
    wrote(agent, external_id="1", platform="web")
    wrote(agent, external_id="2", platform="telegram")
    wrote(agent, external_id="3", platform="telegram")
    assert rows_of(signed_in, agent, "shares", "?platform=web")[1][:2] == ["Web", "1"]
    assert len(rows_of(signed_in, agent, "shares")) == 3


def test_the_page_costs_the_same_for_a_day_and_for_a_year(signed_in: Client, agent: Agent) -> None:
    for days in (0, 3, 40, 300):
        wrote(agent, days, external_id=f"{days}", platform=f"platform-{days}")
    counts = []
    for query in ("?period=7d", "?period=12m"):
        with CaptureQueriesContext(connection) as queries:
            text_of(signed_in, agent, query)
        counts.append(len(queries))
    assert max(counts) <= 40
    assert abs(counts[0] - counts[1]) <= 6  # weeks are counted by other statements than days


# --- files --------------------------------------------------------------------------------------


def test_a_file_is_named_after_what_it_holds(signed_in: Client, agent: Agent) -> None:
    query = "?days_from=2026-01-01&days_to=2026-01-07&platform=web"
    response = signed_in.get(f"/agents/{agent.id}/analytics/messages.csv{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        'attachment; filename="ada-web-messages-2026-01-01-2026-01-07.csv"'
    )


def test_a_file_holds_what_the_page_shows(signed_in: Client, agent: Agent) -> None:
    wrote(agent)
    wrote(agent, role="agent")
    heads, *rows = rows_of(signed_in, agent, "messages", "?period=today")
    assert heads == ["Day", "Sent by users", "By the agent"]
    assert rows == [[now().date().isoformat(), "1", "1"]]


def test_the_heads_of_a_file_do_not_depend_on_the_data(signed_in: Client, agent: Agent) -> None:
    wrote(agent)
    before = {key: rows_of(signed_in, agent, key, "?period=today")[0] for key in BY_KEY}
    make_user(agent, "Xenia", platform="matrix", time=now())
    after = {key: rows_of(signed_in, agent, key, "?period=today")[0] for key in BY_KEY}
    assert after == before
    heads, *rows = rows_of(signed_in, agent, "platforms", "?period=today")
    assert heads == ["Day", "Platform", "Users"]
    assert [row[1:] for row in rows] == [["Matrix", "1"], ["Telegram", "1"]]


def test_there_is_no_file_of_an_unknown_block(signed_in: Client, agent: Agent) -> None:
    assert signed_in.get(f"/agents/{agent.id}/analytics/nonsense.csv").status_code == 404


def test_a_file_has_units_and_no_formulas() -> None:
    heads = [Head("Model"), Head("Cost", "money"), Head("Length", "duration"), Head("Share")]
    table = Table(heads, [["=1+1", 1_500_000, 12.5, None]])
    lines = csv_text(table).splitlines()
    assert lines == ["Model,Cost in US dollars,Length in seconds,Share", "'=1+1,1.5,12.5,"]


# --- links --------------------------------------------------------------------------------------


def test_a_number_leads_to_the_users_on_its_platform(agent: Agent) -> None:
    days = Period(dt.date(2026, 1, 1), dt.date(2026, 1, 7))
    scope = Scope([agent], "web", f"/agents/{agent.id}/users")
    url = users_url(scope, active=days, joined_to=days.first, sent_min=None)
    assert url == (
        f"/agents/{agent.id}/users?platform=web"
        "&active_from=2026-01-01&active_to=2026-01-07&joined_to=2026-01-01"
    )


def test_over_several_agents_nothing_is_linked(agent: Agent) -> None:
    assert users_url(Scope([agent, make_agent("Bo")]), status="blocked") == ""


def test_a_charts_table_has_a_row_for_each_bucket() -> None:
    days = [Period(day, day) for day in (dt.date(2026, 1, 1), dt.date(2026, 1, 2))]
    table = TimeChart(days, [Series("Users", [1, None], links=["/a", ""])]).table
    assert [[cell.value for cell in row] for row in table.cells] == [
        ["2026-01-01", 1],
        ["2026-01-02", None],
    ]
    assert [cell.link for cell in next(table.cells)] == ["", "/a"]
    weeks = [Period(dt.date(2026, 1, 1), dt.date(2026, 1, 4))]
    assert [head.title for head in TimeChart(weeks, []).table.heads] == ["From", "To"]


# --- labels --------------------------------------------------------------------------------------


def figure(value: float | None, before: float | None, **fields: object) -> Figure:
    defaults = {"kind": "number", "better": "up", "has_before": True, "series": [1, 2]}
    return Figure(
        **{
            "key": "x",
            "title": "X",
            "definition": "",
            "value": value,
            "before": before,
            **defaults,
            **fields,
        }  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("value", "before", "fields", "change"),
    [
        (12, 10, {}, ("20%", "up", "better")),
        (8, 10, {}, ("20%", "down", "worse")),
        (12, 10, {"better": "down"}, ("20%", "up", "worse")),
        (12, 10, {"better": ""}, ("20%", "up", "")),
        (1001, 1000, {}, ("under 1%", "up", "better")),
        (5, 0, {}, ("", "up", "better")),  # "from 0"
        (200, 2, {}, ("", "up", "better")),  # "from 2"
        (10, 10, {}, ("no change", "", "")),
        (0.25, 0.2, {"kind": "percent"}, ("5.0 points", "up", "better")),
        (5, 0, {"has_before": False}, ("no earlier data", "", "")),
        (None, 3, {}, None),
    ],
)
def test_a_change_is_described(
    value: float | None, before: float | None, fields: dict[str, object], change: object
) -> None:
    assert figure(value, before, **fields).change == change


def test_one_value_makes_no_line() -> None:
    assert figure(1, 1, series=[1]).spark is None
    assert figure(1, 1, series=[0, None, 0]).spark is None
    assert figure(1, 1, series=[0, None, 3]).spark is not None


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        ("2026-11-03", "2026-11-03", "3 Nov 2026"),
        ("2026-10-01", "2026-10-30", "1 – 30 Oct 2026"),
        ("2026-09-28", "2026-10-04", "28 Sep – 4 Oct 2026"),
        ("2025-12-29", "2026-01-04", "29 Dec 2025 – 4 Jan 2026"),
    ],
)
def test_the_label_of_a_period(first: str, last: str, label: str) -> None:
    assert period_label(Period(*map(dt.date.fromisoformat, (first, last)))) == label


def test_the_label_of_a_bucket() -> None:
    assert bucket_label(Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))) == "Feb 2026"
    assert bucket_label(Period(dt.date(2026, 2, 2), dt.date(2026, 2, 2))) == "Mon 2 Feb 2026"
    assert bucket_label(Period(dt.date(2026, 2, 2), dt.date(2026, 2, 8))) == "2 – 8 Feb 2026"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1532, "number", "1,532"),
        (1_500_000, "money", "$1.50"),
        (0.25, "percent", "25%"),
        (0.031, "percent", "3.1%"),
        (0, "percent", "0%"),
        (630, "duration", "10 min"),
        (4.25, "decimal", "4.2"),
        (None, "money", "—"),
        ("2026-02-02", "day", "2 Feb 2026"),
        ("gpt", "", "gpt"),
    ],
)
def test_values_are_shown_by_their_kind(value: float | str | None, kind: str, text: str) -> None:
    assert shown(value, kind) == text


# --- identities and persons, erased users -------------------------------------------------------


def test_the_number_of_persons_is_beside_the_number_of_users(
    signed_in: Client, agent: Agent
) -> None:
    one, other = make_linked_users(agent)
    wrote(agent, external_id=one.external_id, platform=one.platform)
    wrote(agent, external_id="alone")
    assert "persons</small>" not in text_of(signed_in, agent, "?period=7d")  # one identity of it
    wrote(agent, external_id=other.external_id, platform=other.platform)
    assert "<small>2 persons</small>" in text_of(signed_in, agent, "?period=7d")
    assert "persons</small>" not in text_of(signed_in, agent, "?period=7d&platform=web")


def persons_of(agent: Agent, address: str = "period=7d") -> dict[str, str]:
    """The notes beside the figures that count users."""
    today = now().astimezone(agent.zone).date()
    query = AnalyticsQuery.parse(QueryDict(address), today)[0]
    found = figures.load(Scope([agent]), query).figures
    return {each.key: each.note for each in found if "person" in each.note}


def test_all_figures_that_count_users_have_the_number_of_persons_beside_them(agent: Agent) -> None:
    one, other = make_linked_users(agent)
    for days_ago in (20, 10):
        wrote(agent, days_ago, external_id=one.external_id, platform=one.platform)
        wrote(agent, days_ago, external_id=other.external_id, platform=other.platform)
    wrote(agent, external_id="alone")
    assert persons_of(agent) == {"monthly": "2 persons"}
    assert persons_of(agent, "period=30d") == {"users": "2 persons", "monthly": "2 persons"}
    for number in range(2):
        wrote(agent, external_id=f"new {number}")
    one_id, other_id = (user_id(agent.id, "telegram", f"new {number}") for number in range(2))
    linking.link(agent, one_id, other_id, "olivia")
    assert persons_of(agent) == {
        "users": "2 persons",
        "new": "2 persons",
        "weekly": "2 persons",
        "monthly": "3 persons",
    }


def test_the_csv_file_has_the_persons_of_both_periods(signed_in: Client, agent: Agent) -> None:
    one, other = make_linked_users(agent)
    for days_ago in (8, 0):
        wrote(agent, days_ago, external_id=one.external_id, platform=one.platform)
        wrote(agent, days_ago, external_id=other.external_id, platform=other.platform)
    wrote(agent, external_id="alone")
    heads, before, period = rows_of(signed_in, agent, "figures", "?period=7d")
    assert heads[-2:] == ["Persons among active users", "Persons among new users"]
    at = heads.index("Active users")
    assert (before[at], before[-2]) == ("2", "1")
    assert (period[at], period[-2], period[-1]) == ("3", "2", "1")


def test_a_page_says_that_identities_are_counted_if_some_are_linked(
    signed_in: Client, agent: Agent
) -> None:
    text = "Each identity counts as a user, in all charts too: 2 are linked as 1 person."
    other = make_linked_users(agent)[1]
    assert text in text_of(signed_in, agent)
    assert text in signed_in.get("/analytics").content.decode()
    linking.unlink(agent, other.id)
    assert text not in text_of(signed_in, agent)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about sqlite")
def test_persons_are_counted_without_reading_all_users(agent: Agent) -> None:
    make_linked_users(agent)
    with CaptureQueriesContext(connection) as queries:
        day = dt.date(2026, 1, 1)
        linked_in(Scope([agent]), {"users": active_in(Period(day, day))})
    sql = queries[-1]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = " ".join(str(row[3]) for row in cursor.fetchall())
    assert "USING INDEX enduser_person (person_id=?)" in plan


def test_a_list_that_a_number_opens_says_that_erased_users_are_missing(
    signed_in: Client, agent: Agent
) -> None:
    def says(address: str) -> bool:
        page = signed_in.get(f"/agents/{agent.id}/users{address}").content.decode()
        return "Erased users are not listed." in page

    wrote(agent)
    wrote(agent, external_id="erased")
    assert not says("?active_from=2020-01-01")
    erase(agent, user_id(agent.id, "telegram", "erased"), by="olivia", may_return=False)
    assert says("?active_from=2020-01-01")
    assert says("?joined_from=2020-01-01")
    assert not says("")
    assert not says("?platform=telegram")
