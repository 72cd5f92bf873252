"""The query of an analytics page, parsed from an untrusted query string."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from django.http import QueryDict
from django.utils.translation import gettext as _

from frontdesk.core.http.parameters import Days, Problem, Reader
from frontdesk.core.platforms import SLUG
from frontdesk.ledger.rollups import week_of

PRESETS = {"today": 1, "7d": 7, "30d": 30, "90d": 90, "12m": 365}
"""The values of `period`, and their length in days. The length of 12 months varies."""
DEFAULT_PRESET = "30d"
GRAINS = ("day", "week", "month")
MAX_DAYS = 5 * 366
MAX_DAYS_BY_DAY = 400
"""A chart of more days than this is not drawn by day: no one could read it."""

MAX_EDGE = 2**20

_ANY = Days()
_SLUG = re.compile(SLUG)
_DAY = dt.timedelta(days=1)


class Period(NamedTuple):
    """Days of the agent's zone, from the first to the last."""

    first: dt.date
    last: dt.date

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The previous period of the same length, which it is compared with."""
        return Period(self.first - self.length * _DAY, self.first - _DAY)

    def days(self) -> Iterator[dt.date]:
        for number in range(self.length):
            yield self.first + number * _DAY


@dataclass(frozen=True)
class AnalyticsQuery:
    """The period, its buckets, and the platform (empty: all)."""

    today: dt.date
    preset: str = DEFAULT_PRESET
    chosen: Days = _ANY
    grain: str = ""
    platform: str = ""
    sessions_from: int = 0
    """The number of sessions that counts as many in the behavior block. 0: depends on the data."""
    sent_from: int = 0
    """The number of sent messages that counts as many."""

    @classmethod
    def parse(cls, data: QueryDict, today: dt.date) -> tuple[Self, list[Problem]]:
        """Parse a query string. Invalid parameters are ignored and returned as problems."""
        reader = Reader(data)
        platforms = reader.slugs("platform", _SLUG)
        query = cls(
            today=today,
            preset=reader.choice("period", PRESETS, DEFAULT_PRESET),
            chosen=reader.days("days"),
            grain=reader.choice("by", GRAINS, ""),
            platform=platforms[0] if platforms else "",
            sessions_from=_edge(reader, "sessions_from"),
            sent_from=_edge(reader, "sent_from"),
        )
        problems = reader.problems
        if query.chosen.first and query.chosen.first > today:
            problems.append(
                Problem("days_from", _("%(day)s is in the future") % {"day": query.chosen.first})
            )
            query = replace(query, chosen=_ANY)
        if query.period.length > MAX_DAYS:
            problems.append(Problem("days_from", _("a page shows at most five years")))
            query = replace(query, chosen=_ANY)
        return query, problems

    @property
    def is_chosen(self) -> bool:
        """Whether the days are given instead of a preset."""
        return self.chosen != _ANY

    @property
    def period(self) -> Period:
        """The days that are shown. None of them is in the future."""
        if self.is_chosen:
            last = min(self.chosen.last or self.today, self.today)
            return Period(min(self.chosen.first or last - 29 * _DAY, last), last)
        if self.preset == "12m":
            return Period(_year_before(self.today) + _DAY, self.today)
        return Period(self.today - (PRESETS[self.preset] - 1) * _DAY, self.today)

    @property
    def by(self) -> str:
        """The size of the buckets: the chosen one, unless a chart would have too many buckets."""
        length = self.period.length
        if self.grain and not (self.grain == "day" and length > MAX_DAYS_BY_DAY):
            return self.grain
        return "day" if length <= 92 else "week" if length <= MAX_DAYS_BY_DAY else "month"

    def buckets(self) -> list[Period]:
        """The period in days, weeks (from Monday) or months. The first and the last may be cut."""
        period, found = self.period, []
        first = period.first
        while first <= period.last:
            last = min(_end_of(first, self.by), period.last)
            found.append(Period(first, last))
            first = last + _DAY
        return found

    def params(self, **changes: object) -> list[tuple[str, str]]:
        """The query string of this query with some fields changed. Defaults are left out."""
        query = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        pairs = [
            ("period", "" if query.is_chosen or query.preset == DEFAULT_PRESET else query.preset),
            ("days_from", str(query.chosen.first or "")),
            ("days_to", str(query.chosen.last or "")),
            ("by", query.grain),
            ("platform", query.platform),
            ("sessions_from", str(query.sessions_from or "")),
            ("sent_from", str(query.sent_from or "")),
        ]
        return [(name, value) for name, value in pairs if value]


def _edge(reader: Reader, name: str) -> int:
    """A number at which a band of `ledger.facets` starts, or 0. Within a band users cannot be told
    apart."""
    value = reader.number(name, None, low=2, high=MAX_EDGE) or 0
    if value & (value - 1):
        reader.problems.append(
            Problem(name, _("%(number)s is not 2, 4, 8, 16 and so on") % {"number": value})
        )
        return 0
    return value


def _year_before(day: dt.date) -> dt.date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _end_of(day: dt.date, grain: str) -> dt.date:
    if grain == "day":
        return day
    if grain == "week":
        return week_of(day) + 6 * _DAY
    return (day.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY
