"""The cost of the models, over time and in total."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.analytics.blocks.table import Head, Series, Table, TimeChart, bucket_heads
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.ledger.models import ModelDay

MAX_SHOWN = 6
"""Models with a color of their own in the chart. The others are shown as one."""


@dataclass
class Use:
    """Messages with usage, their cost (micro-dollars), and how many have no known price."""

    messages: int = 0
    cost: int = 0
    unpriced: int = 0

    @property
    def known_cost(self) -> int | None:
        """None if no price is known: that is not $0."""
        return None if self.messages and self.unpriced == self.messages else self.cost

    def add(self, other: "Use") -> None:
        self.messages += other.messages
        self.cost += other.cost
        self.unpriced += other.unpriced


@dataclass(frozen=True)
class ModelUse:
    """One model in the whole period. `total_cost` is the cost of all models."""

    model: str
    use: Use
    total_cost: int

    @property
    def title(self) -> str:
        return self.model or _("Model not reported")

    @property
    def cost(self) -> int | None:
        return self.use.known_cost

    @property
    def share(self) -> float | None:
        """Its share of the cost of all models."""
        return None if self.cost is None or not self.total_cost else self.cost / self.total_cost

    @property
    def per_message(self) -> int | None:
        """The cost per message with a known price."""
        priced = self.use.messages - self.use.unpriced
        return round(self.use.cost / priced) if priced else None


@dataclass(frozen=True)
class Models:
    """The models of the period, most expensive first."""

    rows: Sequence[ModelUse]
    buckets: Sequence[Period]
    by_bucket: Sequence[dict[str, Use]]

    @property
    def chart(self) -> TimeChart:
        """Cost by model. Models without any known price are left out."""
        costly = [row for row in self.rows if row.use.cost]
        series = [self._series(row.title, [row]) for row in costly[:MAX_SHOWN]]
        if others := costly[MAX_SHOWN:]:
            title = ngettext("%(count)s other", "%(count)s others", len(others))
            series.append(self._series(title % {"count": len(others)}, others))
        return TimeChart(self.buckets, series, "stack")

    def _series(self, title: str, rows: Iterable[ModelUse]) -> Series:
        names = {row.model for row in rows}
        values = [
            sum(use.cost for model, use in used.items() if model in names)
            for used in self.by_bucket
        ]
        return Series(title, values, "money")

    @property
    def table(self) -> Table:
        """A row for each model and each bucket in which it was used."""
        days = bucket_heads(self.buckets)
        heads = [
            *days,
            Head(_("Model")),
            Head(_("Messages"), "number"),
            Head(_("Cost"), "money"),
            Head(_("Without a known price"), "number"),
        ]
        rows = [
            [*map(str, bucket[: len(days)]), row.title, *_figures(used[row.model])]
            for bucket, used in zip(self.buckets, self.by_bucket, strict=True)
            for row in self.rows
            if row.model in used
        ]
        return Table(heads, rows)


def load(scope: Scope, query: AnalyticsQuery) -> Models:
    by_day: dict[dt.date, dict[str, Use]] = defaultdict(lambda: defaultdict(Use))
    rows = ModelDay.objects.filter(scope.rows, day__range=query.period, messages__gt=0)
    sums = rows.values_list("day", "model").annotate(
        Sum("messages"), Sum("cost"), Sum("unpriced_messages")
    )
    for day, model, *figures in sums.order_by():
        by_day[day][model].add(Use(*figures))
    buckets = query.buckets()
    by_bucket = [_added(by_day[day] for day in b.days() if day in by_day) for b in buckets]
    total = _added(by_bucket)
    cost = sum(use.cost for use in total.values())
    models = [ModelUse(name, use, cost) for name, use in total.items()]
    models.sort(key=lambda row: (-row.use.cost, -row.use.messages, row.model))
    return Models(models, buckets, by_bucket)


def _added(parts: Iterable[dict[str, Use]]) -> dict[str, Use]:
    total: dict[str, Use] = defaultdict(Use)
    for part in parts:
        for model, use in part.items():
            total[model].add(use)
    return dict(total)


def _figures(use: Use) -> list[int | None]:
    return [use.messages, use.known_cost, use.unpriced]
