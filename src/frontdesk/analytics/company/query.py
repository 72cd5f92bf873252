"""The query of the page on all agents: also the order, and whether to include archived agents."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.core.http.parameters import Problem, Reader

COLUMNS = ("users", "new", "sessions", "sent", "cost", "cost_per_user", "failed", "refused")
"""The columns of the agents side by side: keys of `MEANINGS`."""
DEFAULT_SORT = "-users"

_SORTS = tuple(f"{sign}{key}" for key in ("name", *COLUMNS) for sign in ("", "-"))


def latest_today(agents: Iterable[Agent], now: dt.datetime) -> dt.date:
    """The latest of the agents' own dates: a period that ends with it leaves out no one's today."""
    return max((now.astimezone(agent.zone).date() for agent in agents), default=now.date())


@dataclass(frozen=True)
class CompanyQuery(AnalyticsQuery):
    """`today` is `latest_today`. Days are those of each agent's zone."""

    sort: str = DEFAULT_SORT
    archived: bool = False

    @classmethod
    def parse(cls, data: QueryDict, today: dt.date) -> tuple[Self, list[Problem]]:
        query, problems = super().parse(data, today)
        reader = Reader(data)
        sort = reader.choice("sort", _SORTS, DEFAULT_SORT)
        archived = reader.choice("archived", ("1",), "") == "1"
        return replace(query, sort=sort, archived=archived), [*problems, *reader.problems]

    def params(self, **changes: object) -> list[tuple[str, str]]:
        query = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        pairs = [
            ("sort", "" if query.sort == DEFAULT_SORT else query.sort),
            ("archived", "1" if query.archived else ""),
        ]
        return [*super(CompanyQuery, query).params(), *((n, v) for n, v in pairs if v)]

    def of_one_agent(self) -> list[tuple[str, str]]:
        """The query string of the same page for one agent."""
        return super().params()
