"""Cost by model."""

import datetime as dt
from typing import Any

from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import llm_models
from frontdesk.analytics.blocks.llm_models import Models
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from tests.factories import make_event, record_events

DAY = 24 * 60


def answer(agent: Agent, minutes: float = 0, **fields: Any) -> None:
    record_events(agent, make_event(minutes, role="agent", **fields))


def load(agent: Agent, text: str = "period=7d") -> Models:
    query, _ = AnalyticsQuery.parse(QueryDict(text), dt.date(2026, 10, 14))
    return llm_models.load(Scope([agent]), query)


def test_models_are_in_the_order_of_their_cost(agent: Agent) -> None:
    answer(agent, model="big", cost=3_000_000)
    answer(agent, -DAY, model="big", cost=1_000_000)
    answer(agent, model="small", cost=1_000_000)
    answer(agent, cost=0)
    found = load(agent)
    assert [(row.title, row.cost, row.share, row.per_message) for row in found.rows] == [
        ("big", 4_000_000, 0.8, 2_000_000),
        ("small", 1_000_000, 0.2, 1_000_000),
        ("Model not reported", 0, 0.0, 0),
    ]
    assert [(s.title, list(s.values)) for s in found.chart.series] == [
        ("big", [0, 0, 0, 0, 0, 1_000_000, 3_000_000]),
        ("small", [0, 0, 0, 0, 0, 0, 1_000_000]),
    ]
    assert found.table.rows[0] == ["2026-10-13", "big", 1, 1_000_000, 0]


def test_usage_without_a_known_price_is_not_free(agent: Agent) -> None:
    answer(agent, model="secret", input_tokens=5)
    answer(agent, model="mixed", input_tokens=5)
    answer(agent, model="mixed", cost=2_000_000)
    found = load(agent)
    assert [(r.title, r.cost, r.use.unpriced, r.per_message) for r in found.rows] == [
        ("mixed", 2_000_000, 1, 2_000_000),
        ("secret", None, 1, None),
    ]
    assert [series.title for series in found.chart.series] == ["mixed"]


def test_the_cheapest_of_many_models_share_a_color(agent: Agent) -> None:
    for number in range(llm_models.MAX_SHOWN + 2):
        answer(agent, model=f"m{number}", cost=1000 - number)
    found = load(agent)
    assert found.chart.series[-1].title == "2 others"
    assert found.chart.series[-1].values[-1] == 994 + 993
    assert len(found.table.rows) == llm_models.MAX_SHOWN + 2


def test_a_period_without_usage_has_no_models(agent: Agent) -> None:
    found = load(agent)
    assert (found.rows, found.chart.series, found.table.rows) == ([], [], [])
