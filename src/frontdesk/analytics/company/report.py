"""The report on all agents: its blocks, which share what they have read."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from frontdesk.analytics.blocks import BY_KEY, Block
from frontdesk.analytics.blocks.figures import Figures
from frontdesk.analytics.blocks.table import TimeChart
from frontdesk.analytics.company import figures, over_time, projection, side_by_side, usage
from frontdesk.analytics.company.query import CompanyQuery
from frontdesk.analytics.company.side_by_side import SideBySide
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.text import Text


class Report:
    """The data of the scope's agents for the query."""

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
        users = over_time.total(self.active)
        return figures.load(self.scope, self.query, self.side_by_side.total, users)

    @property
    def blocks(self) -> list[Block]:
        """In the order of the page."""
        return [
            Block(key, title, definition, partial(_load, self, read), width)
            for key, title, definition, read, width in _BLOCKS
        ]


class ReportBlock(NamedTuple):
    """A `Block` that is read from a report."""

    key: str
    title: Text
    definition: Text
    read: Callable[[Report], Any]
    width: str = "half"


def _load(
    report: Report, read: Callable[[Report], Any], scope: Scope, query: AnalyticsQuery
) -> Any:
    return read(report)


_FIGURES = BY_KEY["figures"]
_BLOCKS = (
    ReportBlock(
        "figures",
        _FIGURES.title,
        _FIGURES.definition,
        lambda report: report.figures,
        "full",
    ),
    ReportBlock(
        "agents",
        _("Agents side by side"),
        _(
            "The figures of each agent, with the change since the previous period. The totals add"
            " up all agents: users who write to two agents count twice."
        ),
        lambda report: report.side_by_side,
        "full",
    ),
    ReportBlock(
        "agents-active",
        _("Active users by agent"),
        _(
            "Users who sent a message. Each counts once per day, week or month on each agent and"
            " platform. The six agents with most users have a color of their own."
        ),
        lambda report: report.active,
    ),
    ReportBlock(
        "agents-cost",
        _("Cost by agent"),
        _(
            "The cost of serving the users of each agent. The six most expensive agents have a"
            " color of their own. Usage without a known price is left out."
        ),
        lambda report: over_time.cost(report.scope, report.query),
    ),
    ReportBlock(
        "agents-models",
        _("Cost by agent and model"),
        _(
            "The cost of each agent's models in the period, from messages with reported usage."
            " Messages without a known price are counted separately."
        ),
        lambda report: usage.load(report.scope, report.query),
    ),
    ReportBlock(
        "projection",
        _("This month’s cost"),
        _(
            "The projection is the cost of this month so far, divided by the share of the month"
            " that has passed, in each agent's time zone. In the first three days of a month, it is"
            " the daily average of the 30 days before, times the days of the month. It is always"
            " for the current month, whatever the period."
        ),
        lambda report: projection.load(report.scope),
    ),
)
