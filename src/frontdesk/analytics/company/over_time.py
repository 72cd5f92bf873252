"""Users and cost by agent, over time."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks.table import Head, Series, TimeChart
from frontdesk.analytics.buckets import Counts, figure_by, users_by
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope

MAX_SHOWN = 6
"""Agents with a color of their own in a chart. The others are shown as one."""


def active(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    """The users of each bucket. Each counts once per bucket on each agent and platform."""
    return _stack(
        scope, query, users_by("agent_id", scope, query.buckets()), Head(_("Users"), "number")
    )


def cost(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    return _stack(
        scope,
        query,
        figure_by("agent_id", scope, query.buckets(), "cost"),
        Head(_("Cost"), "money"),
    )


def total(chart: TimeChart) -> list[int]:
    """The sum of the chart's series in each bucket."""
    return [
        sum(round(series.values[index] or 0) for series in chart.series)
        for index in range(len(chart.buckets))
    ]


def _stack(scope: Scope, query: AnalyticsQuery, found: Counts, head: Head) -> TimeChart:
    buckets = query.buckets()
    agents = [agent for agent in scope.agents if any(found.get(agent.id, ()))]
    agents.sort(key=lambda agent: (-sum(found[agent.id]), agent.name, agent.id))

    def series(title: str, agents: list[Agent]) -> Series:
        values = [sum(column) for column in zip(*(found[a.id] for a in agents), strict=True)]
        return Series(title, values, head.kind)

    shown = [series(agent.name, [agent]) for agent in agents[:MAX_SHOWN]]
    others = agents[MAX_SHOWN:]
    if len(others) == 1:
        shown.append(series(others[0].name, others))
    elif others:
        title = ngettext("%(count)s other", "%(count)s others", len(others))
        shown.append(series(title % {"count": len(others)}, others))
    return TimeChart(buckets, shown, "stack", (Head(_("Agent")), head))
