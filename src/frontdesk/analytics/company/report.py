"""The report over all agents: its blocks, which share what they have read."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from frontdesk.analytics.blocks import BY_KEY, Block
from frontdesk.analytics.blocks.figures import Figures
from frontdesk.analytics.blocks.table import TimeChart
from frontdesk.analytics.company import figures, over_time, projection, side_by_side, usage
from frontdesk.analytics.company.query import CompanyQuery
from frontdesk.analytics.company.side_by_side import SideBySide
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope


class Report:
    """What the query asks for, of the scope's agents."""

    def __init__(self, scope: Scope, query: CompanyQuery) -> None:
        self.scope = scope
        self.query = query

    @cached_property
    def side_by_side(self) -> SideBySide:
        return side_by_side.load(self.scope, self.query)

    @cached_property
    def active(self) -> TimeChart:
        return over_time.active(self.scope, self.query)

    @cached_property
    def figures(self) -> Figures:
        users = over_time.together(self.active)
        return figures.load(self.scope, self.query, self.side_by_side.together, users)

    @property
    def blocks(self) -> list[Block]:
        """In the order of the page."""
        return [
            Block(key, title, definition, partial(_load, self, read), width)
            for key, title, definition, width, read in _BLOCKS
        ]


def _load(report: Report, read: Callable[[Report], Any], _: Scope, __: AnalyticsQuery) -> Any:
    return read(report)


_FIGURES = BY_KEY["figures"]
_BLOCKS: tuple[tuple[str, str, str, str, Callable[[Report], Any]], ...] = (
    (
        "figures",
        _FIGURES.title,
        _FIGURES.definition,
        "full",
        lambda report: report.figures,
    ),
    (
        "agents",
        "Agents side by side",
        "The figures of each agent, and below each what has changed since the period before."
        " All agents together are the sum: who writes to two agents counts twice.",
        "full",
        lambda report: report.side_by_side,
    ),
    (
        "agents-active",
        "Active users by agent",
        "Users who sent a message on these days; each counts once a day, week or month on each"
        " agent and platform. The six agents with the most have a colour of their own.",
        "half",
        lambda report: report.active,
    ),
    (
        "agents-cost",
        "Cost by agent",
        "What serving the users of each agent cost. The six costliest agents have a colour of"
        " their own. Usage without a known price has no part in it.",
        "half",
        lambda report: over_time.cost(report.scope, report.query),
    ),
    (
        "agents-models",
        "Cost by agent and model",
        "What the models of each agent cost in the period, from the messages that told their"
        " usage; messages without a known price are counted apart.",
        "half",
        lambda report: usage.load(report.scope, report.query),
    ),
    (
        "projection",
        "This month’s cost",
        "Projected: the cost of this month so far, divided by the share of the month that is"
        " over, in each agent's zone. In the first three days of a month it is the mean of the"
        " 30 days before, for each day of the month. It is of this month, whatever the period.",
        "half",
        lambda report: projection.load(report.scope),
    ),
)
