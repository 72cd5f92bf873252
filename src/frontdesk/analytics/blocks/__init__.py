"""The blocks of an analytics page: each counts one thing, and is shown as a chart and a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from frontdesk.analytics.blocks import messages
from frontdesk.analytics.blocks.table import Table
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope

Load = Callable[[Scope, AnalyticsQuery], Any]


@dataclass(frozen=True)
class Block:
    """One block: `load` makes what its template `analytics/blocks/<key>.html` shows as `data`;
    `data.table` is the same in numbers, for reading and as CSV."""

    key: str
    title: str
    definition: str
    load: Load
    width: str = "half"
    """Of the page: "half" or "full"."""

    @property
    def template(self) -> str:
        return f"analytics/blocks/{self.key}.html"

    def table(self, scope: Scope, query: AnalyticsQuery) -> Table:
        table: Table = self.load(scope, query).table
        return table


BLOCKS = (
    Block(
        "messages",
        "Messages",
        "Messages that users sent, and the agent's answers, by day of the agent's zone.",
        messages.load,
    ),
)
"""In the order of the page."""

BY_KEY = {block.key: block for block in BLOCKS}
