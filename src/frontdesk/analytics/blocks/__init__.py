"""The blocks of an analytics page: each counts one thing, and is shown as a chart and a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from frontdesk.analytics.blocks import (
    active,
    behaviour,
    figures,
    hours,
    languages,
    llm_models,
    messages,
    movement,
    newcomers,
    platforms,
    retention,
    sessions,
)
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
        "figures",
        "Figures",
        "The period in numbers, each beside the period before, which is as long. A period that ends"
        " today is not over, so it is compared with a whole one.",
        figures.load,
        "full",
    ),
    Block(
        "active",
        "Active users",
        "Different users who sent a message. By day: on the day, in the 7 days that end with it, in"
        " the 30 days that end with it. By week or month: in its days, and how many on an average"
        " one of them. What erased users did stays counted.",
        active.load,
    ),
    Block(
        "newcomers",
        "New and returning",
        "The active users of each day, week or month: new are those whose first message is in it,"
        " returning those who had written before.",
        newcomers.load,
    ),
    Block(
        "messages",
        "Messages",
        "Messages of the correspondence: those that users sent, and the agent's.",
        messages.load,
    ),
    Block(
        "sessions",
        "Sessions",
        "Dialogues that users began, and how long these took on average from the first message to"
        " the last. A session counts on the day on which it began.",
        sessions.load,
    ),
    Block(
        "platforms",
        "Platforms over time",
        "Active users of each day, week or month by their platform. Each counts once.",
        platforms.load,
    ),
    Block(
        "shares",
        "Popularity of platforms",
        "Different users who were active in the period, by their platform, with their sessions, the"
        " messages they sent, and what serving them cost.",
        platforms.load_shares,
    ),
    Block(
        "movement",
        "Movement",
        "Users week by week, from Monday to Sunday. New: sent their first message in this week."
        " Returning: were active in this week and in the one before. Reactivated: in this one, not"
        " in the one before, but earlier. Going quiet: in the week before, not in this one. Lost:"
        " four weeks before, and not since. What erased users did stays counted.",
        movement.load,
        "full",
    ),
    Block(
        "retention",
        "Retention",
        "Of the users who sent their first message in one week (from Monday to Sunday), the share"
        " that was active in each week after it, up to now. A week counts a user once, however much"
        " he wrote. Shown are the first weeks that the period touches. What erased users did stays"
        " counted.",
        retention.load,
        "full",
    ),
    Block(
        "behaviour",
        "Behaviour",
        "All users who have written, by how many sessions they began and how many messages they"
        " sent until now; the period does not matter, and who was erased is not counted. Each step"
        " of an axis doubles. Many sessions with few messages: hard to help. Few sessions with many"
        " messages: engaged. What is many can be chosen; at first it is more than the median.",
        behaviour.load,
        "full",
    ),
    Block(
        "hours",
        "Hours of the week",
        "All messages that users sent in the period, by weekday and hour of the agent's clock. In a"
        " period of several weeks, all Mondays are added up, and so on.",
        hours.load,
    ),
    Block(
        "languages",
        "Languages",
        "The users there are now, by the language that their platform told; neither the period nor"
        " the platform matters.",
        languages.load,
    ),
    Block(
        "models",
        "Cost by model",
        "What messages of the period cost, by the model that made them. Messages whose price is not"
        " known are counted apart, never as $0; the cost per message leaves them out.",
        llm_models.load,
        "full",
    ),
)
"""In the order of the page."""

BY_KEY = {block.key: block for block in BLOCKS}
