"""The choices of a report as links: period, buckets, platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.analytics.labels import day_label, period_label, short_day
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.http.parameters import Days
from frontdesk.core.text import Text
from frontdesk.ledger.models import FacetCount

_PRESETS = {
    "today": gettext_lazy("Today"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "90d": gettext_lazy("90 days"),
    "12m": gettext_lazy("12 months"),
}
_GRAINS = {
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
}


class Choice(NamedTuple):
    """A link. The label of a platform is its slug, or "" for all platforms."""

    label: Text
    url: str
    is_current: bool
    users: int | None = None


@dataclass(frozen=True)
class Picker:
    """The choices, all of them links to `path`. Days are in `zone`."""

    path: str
    query: AnalyticsQuery
    zone: str
    seen: Sequence[tuple[str, int]]
    """The platforms of the agents, with their users."""

    @classmethod
    def of(cls, path: str, query: AnalyticsQuery, zone: str, scope: Scope) -> "Picker":
        """With the platforms of the scope's agents, largest first."""
        rows = FacetCount.objects.filter(
            Scope(scope.agents).rows, facet=FacetCount.Facet.PLATFORM, users__gt=0
        )
        counts = rows.values_list("value").annotate(total=Sum("users"))
        return cls(path, query, zone, list(counts.order_by("-total", "value")))

    def url(self, **changes: object) -> str:
        pairs = self.query.params(**changes)
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    @property
    def presets(self) -> list[Choice]:
        shown = "" if self.query.is_chosen else self.query.preset
        return [
            Choice(label, self.url(preset=key, chosen=Days()), key == shown)
            for key, label in _PRESETS.items()
        ]

    @property
    def grains(self) -> list[Choice]:
        return [
            Choice(label, self.url(grain=key), key == self.query.by)
            for key, label in _GRAINS.items()
        ]

    @property
    def platforms(self) -> list[Choice]:
        """All platforms first."""
        chosen, seen = self.query.platform, dict(self.seen)
        slugs = dict.fromkeys([*seen, *([chosen] if chosen else [])])
        every = Choice("", self.url(platform=""), not chosen, sum(seen.values()))
        return [
            every,
            *(Choice(s, self.url(platform=s), s == chosen, seen.get(s, 0)) for s in slugs),
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The parameters that stay when the days change."""
        dates = ("period", "days_from", "days_to")
        return [(name, value) for name, value in self.query.params() if name not in dates]

    @property
    def days(self) -> str:
        """The days that are shown."""
        period = self.query.period
        if period.last < self.query.today:
            return period_label(period)
        days = day_label(period.last)
        if period.length > 1:
            is_same_year = period.first.year == period.last.year
            first = short_day(period.first) if is_same_year else day_label(period.first)
            days = f"{first} – {days}"
        return _("%(days)s, today until now") % {"days": days}

    @property
    def days_before(self) -> str:
        """The days of the previous period."""
        return period_label(self.query.period.before)
