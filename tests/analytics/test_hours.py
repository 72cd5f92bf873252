"""Hours of the week."""

import datetime as dt

from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import hours
from frontdesk.analytics.blocks.hours import Hours
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.record import record
from tests.factories import make_event


def load(agent: Agent, text: str) -> Hours:
    query, _ = AnalyticsQuery.parse(QueryDict(text), dt.date(2026, 4, 30))
    return hours.load(Scope([agent]), query)


def test_hours_are_of_the_agents_clock_in_winter_and_summer(agent: Agent) -> None:
    agent.time_zone = "Europe/Berlin"
    agent.save()
    # Sundays, 8:30 in Berlin: before and after the clocks change on the 29th of March.
    record(agent, [make_event(time=dt.datetime(2026, 3, 22, 7, 30, tzinfo=dt.UTC))])
    record(agent, [make_event(time=dt.datetime(2026, 4, 5, 6, 30, tzinfo=dt.UTC))])
    record(agent, [make_event(time=dt.datetime(2026, 4, 5, 6, 40, tzinfo=dt.UTC))])
    found = load(agent, "period=90d")
    assert dict(found.sent) == {(6, 8): 3}
    assert (
        found.summary == "Busiest day: Sunday. Busiest hour: Sunday, 8:00 to 9:00, with 3 messages."
    )
    assert found.table.rows[8] == ["8:00", 0, 0, 0, 0, 0, 0, 3]
    assert dict(load(agent, "days_from=2026-04-01").sent) == {(6, 8): 2}
    assert [cell.words for cell in found.map.cells if cell.level] == [
        "3 messages, Sunday 8:00 – 9:00"
    ]


def test_a_period_without_messages_says_so(agent: Agent) -> None:
    assert load(agent, "period=today").summary == "No messages in this period."
