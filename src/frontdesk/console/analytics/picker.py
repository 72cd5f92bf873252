"""What the page can be asked for, as links: period, buckets, platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Sum

from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.words import period_words, short
from frontdesk.core.http.parameters import Days
from frontdesk.ledger.models import FacetCount

_PRESETS = {
    "today": "Today",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "12m": "12 months",
}
_GRAINS = {"day": "Day", "week": "Week", "month": "Month"}


class Choice(NamedTuple):
    word: str
    url: str
    is_current: bool
    users: int | None = None


@dataclass(frozen=True)
class Picker:
    """The choices, all of them links to `path`; the days are those of `zone`."""

    path: str
    query: AnalyticsQuery
    zone: str
    seen: Sequence[tuple[str, int]]
    """The platforms that there are, with their users."""

    @classmethod
    def of(cls, path: str, query: AnalyticsQuery, zone: str, scope: Scope) -> "Picker":
        """With the platforms of the scope's agents, the most frequent first."""
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
            Choice(word, self.url(preset=key, chosen=Days()), key == shown)
            for key, word in _PRESETS.items()
        ]

    @property
    def grains(self) -> list[Choice]:
        return [
            Choice(word, self.url(grain=key), key == self.query.by) for key, word in _GRAINS.items()
        ]

    @property
    def platforms(self) -> list[Choice]:
        """All together first; the words are slugs, "" for all."""
        chosen, seen = self.query.platform, dict(self.seen)
        slugs = dict.fromkeys([*seen, *([chosen] if chosen else [])])
        every = Choice("", self.url(platform=""), not chosen, sum(seen.values()))
        return [
            every,
            *(Choice(s, self.url(platform=s), s == chosen, seen.get(s, 0)) for s in slugs),
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of the days leaves as it is."""
        dates = ("period", "days_from", "days_to")
        return [(name, value) for name, value in self.query.params() if name not in dates]

    @property
    def days(self) -> str:
        """The days shown, in words."""
        period = self.query.period
        if period.last < self.query.today:
            return period_words(period)
        if period.length == 1:
            return f"{period_words(period)}, today until now"
        last = period_words(Period(period.last, period.last))
        year = "" if period.first.year == period.last.year else f" {period.first.year}"
        return f"{short(period.first)}{year} – {last}, today until now"

    @property
    def days_before(self) -> str:
        """The days that it is compared with."""
        return period_words(self.query.period.before)
