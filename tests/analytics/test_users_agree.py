"""A number with a link leads to a list of exactly that many users."""

import zoneinfo
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from django.http import QueryDict
from hypothesis import given

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import BLOCKS
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.people.table.counting import count
from frontdesk.people.table.users_query import UsersQuery
from tests.analytics.scenarios import Scenario, scenarios

OPERATORS_ZONE = zoneinfo.ZoneInfo("America/Los_Angeles")
"""Far from the agent's zone, whose days are used."""


class Opened(NamedTuple):
    block: str
    number: object
    link: str


def opened(agent: Agent, query: AnalyticsQuery) -> Iterator[Opened]:
    """Every number of the page with a link."""
    for block in BLOCKS:
        data = block.load(Scope([agent], query.platform, "/users"), query)
        for row in data.table.cells:
            yield from (Opened(block.key, cell.value, cell.link) for cell in row if cell.link)
        for corner in getattr(data, "corners", ()):
            yield Opened(block.key, corner.users, corner.link)
        for figure in getattr(data, "figures", ()):
            if figure.url:
                yield Opened(figure.key, figure.value, figure.url)


@given(scenarios())
def test_a_number_leads_to_a_list_of_that_many_users(db: None, scenario: Scenario) -> None:
    agent, _ = scenario.happen()
    for block, number, link in opened(agent, scenario.query()):
        asked, problems = UsersQuery.parse(QueryDict(urlsplit(link).query), OPERATORS_ZONE)
        assert problems == [], link
        assert (block, count(agent, asked), link) == (block, number, link)
