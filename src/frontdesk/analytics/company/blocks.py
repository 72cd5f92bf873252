"""The blocks of the page over all agents."""

from frontdesk.analytics.blocks import BY_KEY, Block
from frontdesk.analytics.company import over_time, projection, side_by_side, usage
from frontdesk.analytics.company.query import CompanyQuery

SHARED = ("figures",)
"""Blocks of one agent's page that add up over agents."""


def company_blocks(query: CompanyQuery) -> tuple[Block, ...]:
    """In the order of the page; the agents side by side are in the order that is asked for."""
    return (
        *(BY_KEY[key] for key in SHARED if key in BY_KEY),
        Block(
            "agents",
            "Agents side by side",
            "The figures of each agent, and below each what has changed since the period before."
            " All agents together are the sum: who writes to two agents counts twice.",
            lambda scope, _: side_by_side.load(scope, query),
        ),
        Block(
            "agents-active",
            "Active users by agent",
            "Users who sent a message on these days; each counts once a day, week or month on each"
            " agent and platform. The six agents with the most have a colour of their own.",
            over_time.active,
        ),
        Block(
            "agents-cost",
            "Cost by agent",
            "What serving the users of each agent cost. The six costliest agents have a colour of"
            " their own. Usage without a known price has no part in it.",
            over_time.cost,
        ),
        Block(
            "agents-models",
            "Cost by agent and model",
            "What the models of each agent cost in the period, from the messages that told their"
            " usage; messages without a known price are counted apart.",
            usage.load,
        ),
        Block(
            "projection",
            "This month’s cost",
            "Projected: the cost of this month so far, divided by the share of the month that is"
            " over, in each agent's zone. In the first three days of a month it is the mean of the"
            " 30 days before, for each day of the month. It is of this month, whatever the period.",
            projection.load,
        ),
    )
