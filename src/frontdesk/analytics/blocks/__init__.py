"""The blocks of an analytics page. Each counts one thing, and is shown as a chart and a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from frontdesk.analytics.blocks import (
    active,
    behavior,
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
from frontdesk.analytics.blocks.table import Table, TimeChart
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.text import Text

Load = Callable[[Scope, AnalyticsQuery], Any]


@dataclass(frozen=True)
class Block:
    """`load` returns what the template `analytics/blocks/<key>.html` shows as `data`. Its
    attribute `table` has the same numbers as a table and for the CSV file."""

    key: str
    title: Text
    definition: Text
    load: Load
    width: str = "half"
    """The share of the page's width: "half" or "full"."""

    @property
    def template(self) -> str:
        return f"analytics/blocks/{self.key}.html"

    def table(self, scope: Scope, query: AnalyticsQuery) -> Table:
        table: Table = self.load(scope, query).table
        return table

    def file(self, scope: Scope, query: AnalyticsQuery) -> Table:
        """The table of the CSV file, whose heads do not depend on the data."""
        data = self.load(scope, query)
        table: Table = data.file if isinstance(data, TimeChart) else data.table
        return table


BLOCKS = (
    Block(
        "figures",
        _("Figures"),
        _(
            "The figures of the period, each compared with the previous period of the same length."
            " A period that ends today is not over, but is compared with a whole one."
        ),
        figures.load,
        "full",
    ),
    Block(
        "active",
        _("Active users"),
        _(
            "Distinct users who sent a message. By day: users of the day, of the 7 days that end"
            " with it, and of the 30 days that end with it. By week or month: users of the week or"
            " month, and the average per day. Erased users stay counted."
        ),
        active.load,
    ),
    Block(
        "newcomers",
        _("New and returning"),
        _(
            "The active users of each day, week or month. New users sent their first message in"
            " it; returning users had sent one before."
        ),
        newcomers.load,
    ),
    Block(
        "messages",
        _("Messages"),
        _("Messages of users and messages of the agent."),
        messages.load,
    ),
    Block(
        "sessions",
        _("Sessions"),
        _(
            "Sessions that users started, and their average length from the first message to the"
            " last. A session counts on the day on which it started."
        ),
        sessions.load,
    ),
    Block(
        "platforms",
        _("Platforms over time"),
        _("The active users of each day, week or month by platform. Each user counts once."),
        platforms.load,
    ),
    Block(
        "shares",
        _("Popularity of platforms"),
        _(
            "Distinct users who were active in the period, by platform, with their sessions, the"
            " messages they sent, and the cost of serving them."
        ),
        platforms.load_shares,
    ),
    Block(
        "movement",
        _("Movement"),
        _(
            "Users by week, from Monday to Sunday. New: sent their first message this week."
            " Returning: active this week and the week before. Reactivated: active this week and"
            " earlier, but not the week before. Going quiet: active the week before, but not this"
            " week. Lost: active four weeks before, but not since. Erased users stay counted."
        ),
        movement.load,
        "full",
    ),
    Block(
        "retention",
        _("Retention"),
        _(
            "Of the users who sent their first message in a week (from Monday to Sunday), the"
            " share that was active in each following week, up to now. Each user counts once a"
            " week. Shown are the first weeks that overlap the period. Erased users stay counted."
        ),
        retention.load,
        "full",
    ),
    Block(
        "behaviour",
        _("Behavior"),
        _(
            "All users who have written, by the number of their sessions and of the messages they"
            " have sent so far. The period has no effect, and erased users are not counted. Each"
            " step of an axis doubles the number. Many sessions with few messages: hard to help."
            " Few sessions with many messages: engaged. You can choose what counts as many; the"
            " default is more than the median."
        ),
        behavior.load,
        "full",
    ),
    Block(
        "hours",
        _("Hours of the week"),
        _(
            "Messages that users sent in the period, by weekday and hour in the agent's time zone."
            " In a period of several weeks, the same weekdays are added up."
        ),
        hours.load,
    ),
    Block(
        "languages",
        _("Languages"),
        _(
            "The current users by the language that their platform reported. The period and the"
            " platform have no effect."
        ),
        languages.load,
    ),
    Block(
        "models",
        _("Cost by model"),
        _(
            "The cost of the period's messages, by the model that produced them. Messages without"
            " a known price are counted separately, never as $0, and are left out of the cost per"
            " message."
        ),
        llm_models.load,
        "full",
    ),
)
"""In the order of the page."""

BY_KEY = {block.key: block for block in BLOCKS}
