"""The links of a list: any change returns to page 1, and has a description."""

import zoneinfo
from dataclasses import replace

import pytest
from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.console.users.filter_fields import Choice, facet_choices
from frontdesk.console.users.listing import Listing, newest_message_at
from frontdesk.ledger.models import NEVER
from frontdesk.people.table.columns import COLUMNS
from frontdesk.people.table.query import UsersPage
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.saved_views import BUILT_IN
from frontdesk.people.table.users_query import UsersQuery
from tests.factories import NOON, make_agent, make_plan, make_user

EVERYTHING = (
    "q=maya&platform=web&platform=api&language=&status=near&plan=pro&plan=&tag=vip&tags=none"
    "&last=7d&quiet=14&seen_from=2026-01-02&seen_to=2026-01-03&sessions_min=2&chat_max=1000"
    "&sent_min=3&sent_max=3&cost_min=0.5&per_session_max=2.25&sort=name&page=4"
)


QUIET = next(view for view in BUILT_IN if view.id == "quiet")


def listing(agent: Agent, text: str = "", live: bool = False) -> Listing:
    query, problems = UsersQuery.parse(QueryDict(text), zoneinfo.ZoneInfo("UTC"))
    assert not problems
    found, problems = Listing.parse(agent, query, QueryDict(text))
    assert not problems
    return replace(found, live=live)


def search_part(url: str) -> str:
    return url.partition("?")[2]


def test_an_address_leads_to_the_list_that_made_it(agent: Agent) -> None:
    assert search_part(listing(agent, EVERYTHING).here) == EVERYTHING
    assert search_part(listing(agent, EVERYTHING, live=True).here) == EVERYTHING + "&live=1"
    assert search_part(listing(agent, "columns=cost,name&view=costly").here) == (
        "columns=cost%2Cname&view=costly"
    )
    assert "?" not in listing(agent, "q=&sort=-last_message&page=1&last=").here


def test_labels_describe_each_filter_and_lead_to_the_list_without_it(agent: Agent) -> None:
    make_plan(agent, "pro", name="Professional")
    names = PlanAndTagNames.of(agent)
    chips = list(listing(agent, EVERYTHING).chips(names))
    assert [chip.text for chip in chips] == [
        "Search: maya",
        "Platform: Web",
        "Platform: API",
        "Language: Unknown",
        "Status: Over 80 % of a limit",
        "Subscription: Professional",
        "Subscription: None",
        "Without tag: vip",
        "Last message: Last 7 days",
        "Inactive for 14 days or more",
        "First seen: 2026-01-02 to 2026-01-03",
        "Sessions: 2 or more",
        "Chat messages: at most 1,000",
        "Sent messages: exactly 3",
        "Cost: $0.5 or more",
        "Sent per session: at most 2.25",
    ]
    for chip in chips:
        assert "page=" not in chip.url
        assert len(list(listing(agent, search_part(chip.url)).chips(names))) == len(chips) - 1
    assert search_part(listing(agent, EVERYTHING).cleared) == "sort=name"


@pytest.mark.parametrize(
    ("now", "column", "leads_to", "aria"),
    [
        ("", "last_message", "sort=last_message", "descending"),
        ("sort=last_message", "last_message", "", "ascending"),
        ("", "name", "sort=name", "none"),
        ("sort=name", "name", "sort=-name", "ascending"),
        ("page=3", "cost", "sort=-cost", "none"),
        ("", "tags", "", ""),
    ],
)
def test_heads_sort_both_ways(
    agent: Agent, now: str, column: str, leads_to: str, aria: str
) -> None:
    [head] = listing(agent, now).heads([COLUMNS[column]])
    assert (search_part(head.url), head.aria_sort) == (leads_to, aria)


def test_the_first_and_last_page_are_always_numbered(agent: Agent) -> None:
    page = UsersPage([], 50, 20, 2000, total_is_exact=True)
    numbers = [number for number, _ in listing(agent).pages(page)]
    assert numbers == [1, None, 48, 49, 50, 51, 52, None, 100]


def test_choices_are_counted_and_what_is_chosen_is_among_them(agent: Agent) -> None:
    make_user(agent, "Ada", platform="web", tags=["vip"], plan="pro")
    make_user(agent, "Bea", platform="web", tags=["vip", "beta"])
    make_user(agent, "Cem")
    query = listing(agent, "platform=slack&plan=").query
    choices = facet_choices(agent, query, PlanAndTagNames.of(agent))
    assert choices["platform"] == [
        Choice("web", "Web", 2, False),
        Choice("telegram", "Telegram", 1, False),
        Choice("slack", "Slack", 0, True),
    ]
    assert choices["plan"] == [Choice("", "None", 2, True), Choice("pro", "pro", 1, False)]
    assert choices["tag"] == [Choice("vip", "vip", 2, False), Choice("beta", "beta", 1, False)]


def test_views_lead_to_their_list_and_know_when_it_was_changed(agent: Agent) -> None:
    at = listing(agent, "quiet=14&sent_min=3&view=quiet&columns=" + ",".join(QUIET.columns))
    tabs = at.tabs(BUILT_IN)
    assert [tab.view.name for tab in tabs if tab.is_current] == ["Going quiet"]
    assert at.is_unchanged(QUIET)
    assert not listing(agent, "quiet=14&view=quiet").is_unchanged(QUIET)
    assert listing(agent).is_unchanged(BUILT_IN[0])
    for tab in tabs:
        assert listing(agent, search_part(tab.url)).is_unchanged(tab.view)


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("", ["All"]),
        ("sort=-sent&page=2", ["All"]),
        ("status=blocked", ["Blocked"]),
        ("sent_min=3&quiet=14&columns=name", ["Going quiet"]),
        ("status=blocked&q=ada", []),
        ("q=ada", []),
        ("q=ada&view=blocked", ["Blocked"]),
        ("view=gone", []),
    ],
)
def test_the_view_is_current_that_is_named_or_has_the_same_filters(
    agent: Agent, address: str, current: list[str]
) -> None:
    tabs = listing(agent, address).tabs(BUILT_IN)
    assert [tab.view.name for tab in tabs if tab.is_current] == current


def test_every_built_in_view_has_valid_filters(agent: Agent) -> None:
    for view in BUILT_IN:
        assert listing(agent, view.query).query.is_filtered == (view.id != "all")
        assert set(view.columns) <= set(COLUMNS)
        assert view.rule


def test_the_newest_message_is_of_this_agent(agent: Agent) -> None:
    assert newest_message_at(agent) == NEVER
    make_user(agent, "Ada")
    make_user(make_agent("Bob"), "Zoe", 10)
    assert newest_message_at(agent) == NOON
