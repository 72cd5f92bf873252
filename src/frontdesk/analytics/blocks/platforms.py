"""The platforms: their active users over time, and their share of the period."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Sum
from django.utils.translation import gettext as _

from frontdesk.analytics.active import distinct_by_platform
from frontdesk.analytics.blocks.table import Cell, Head, Series, Table, TimeChart
from frontdesk.analytics.buckets import users_by
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.platforms import platform_word
from frontdesk.ledger.models import AgentDay

MAX_SHOWN = 6
"""Platforms with a color of their own. The others are shown as one."""


def load(scope: Scope, query: AnalyticsQuery) -> TimeChart:
    """The active users of each bucket by platform, largest platform first."""
    buckets = query.buckets()
    counts = users_by("platform", scope, buckets)
    ordered = sorted((s for s in counts if any(counts[s])), key=lambda s: (-sum(counts[s]), s))
    series = [
        Series(
            platform_word(slug),
            counts[slug],
            links=[users_url(replace(scope, platform=slug), active=b) for b in buckets],
        )
        for slug in ordered[:MAX_SHOWN]
    ]
    if rest := ordered[MAX_SHOWN:]:
        values = [sum(column) for column in zip(*(counts[slug] for slug in rest), strict=True)]
        series.append(Series(_("Other"), values))
    heads = Head(_("Platform")), Head(_("Users"), "number")
    return TimeChart(buckets, series, "stack", heads)


@dataclass(frozen=True)
class Share:
    """The figures of one platform in the period. `share` is its share of the users, 0 to 1."""

    slug: str
    users: int
    share: float
    sessions: int
    messages_sent: int
    cost: int | None
    """None if no price is known: that is not $0."""
    unpriced_messages: int
    url: str


@dataclass(frozen=True)
class Shares:
    """The platforms, the one with most users first."""

    rows: Sequence[Share]

    @property
    def table(self) -> Table:
        heads = [
            Head(_("Platform")),
            Head(_("Users"), "number"),
            Head(_("Share"), "percent"),
            Head(_("Sessions"), "number"),
            Head(_("Sent messages"), "number"),
            Head(_("Cost"), "money"),
            Head(_("Unpriced messages"), "number"),
        ]
        rows: list[list[Cell]] = [
            [
                platform_word(row.slug),
                row.users,
                row.share,
                row.sessions,
                row.messages_sent,
                row.cost,
                row.unpriced_messages,
            ]
            for row in self.rows
        ]
        return Table(heads, rows, [["", row.url, *[""] * 5] for row in self.rows])


def load_shares(scope: Scope, query: AnalyticsQuery) -> Shares:
    """The period's users, sessions, messages and cost by platform."""
    users = distinct_by_platform(scope, query.period)
    total = sum(users.values())
    columns = ("sessions", "messages_sent", "cost", "unpriced_messages")
    days = AgentDay.objects.filter(scope.rows, day__range=query.period).values_list("platform")
    rows = [
        Share(
            slug,
            users.get(slug, 0),
            users.get(slug, 0) / total if total else 0,
            sessions,
            sent,
            cost if cost or not unpriced else None,
            unpriced,
            users_url(replace(scope, platform=slug), active=query.period),
        )
        for slug, sessions, sent, cost, unpriced in days.annotate(*map(Sum, columns)).order_by()
        if slug in users or sessions or sent or cost or unpriced
    ]
    return Shares(sorted(rows, key=lambda row: (-row.users, row.slug)))
