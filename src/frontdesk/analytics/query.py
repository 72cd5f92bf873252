"""What an analytics page is asked for: read from an untrusted query string."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from django.http import QueryDict

from frontdesk.core.http.parameters import Days, Problem, Reader
from frontdesk.core.platforms import SLUG
from frontdesk.ledger.rollups import week_of

PRESETS = {"today": 1, "7d": 7, "30d": 30, "90d": 90, "12m": 365}
"""Values of `period`, with their days; 12 months are as long as the calendar makes them."""
DEFAULT_PRESET = "30d"
GRAINS = ("day", "week", "month")
MAX_DAYS = 5 * 366
MAX_DAYS_BY_DAY = 400
"""A chart by day of more days than this could not be read: it is by month."""

MAX_EDGE = 2**20

_ANY = Days()
_SLUG = re.compile(SLUG)
_DAY = dt.timedelta(days=1)


class Period(NamedTuple):
    """Days of the agent's zone, both included."""

    first: dt.date
    last: dt.date

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As many days just before: what it is compared with."""
        return Period(self.first - self.length * _DAY, self.first - _DAY)

    def days(self) -> Iterator[dt.date]:
        for number in range(self.length):
            yield self.first + number * _DAY


@dataclass(frozen=True)
class AnalyticsQuery:
    """The period, how finely it is cut, and the platform (empty: all)."""

    today: dt.date
    preset: str = DEFAULT_PRESET
    chosen: Days = _ANY
    grain: str = ""
    platform: str = ""
    sessions_from: int = 0
    """How many sessions are many, in the block on behaviour; 0: what its data suggests."""
    sent_from: int = 0
    """How many messages sent are many."""

    @classmethod
    def parse(cls, data: QueryDict, today: dt.date) -> tuple[Self, list[Problem]]:
        """Read a query string; what cannot be understood is left out and told as a problem."""
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
            problems.append(Problem("days_from", f"{query.chosen.first} is in the future"))
            query = replace(query, chosen=_ANY)
        if query.period.length > MAX_DAYS:
            problems.append(Problem("days_from", "a page shows five years at most"))
            query = replace(query, chosen=_ANY)
        return query, problems

    @property
    def is_chosen(self) -> bool:
        """Whether the days are given, in place of a preset."""
        return self.chosen != _ANY

    @property
    def period(self) -> Period:
        """The days that are shown; none of them is in the future."""
        if self.is_chosen:
            last = min(self.chosen.last or self.today, self.today)
            return Period(min(self.chosen.first or last - 29 * _DAY, last), last)
        if self.preset == "12m":
            return Period(_year_before(self.today) + _DAY, self.today)
        return Period(self.today - (PRESETS[self.preset] - 1) * _DAY, self.today)

    @property
    def by(self) -> str:
        """How the charts cut the period: as asked, if that can be read."""
        length = self.period.length
        if self.grain and not (self.grain == "day" and length > MAX_DAYS_BY_DAY):
            return self.grain
        return "day" if length <= 92 else "week" if length <= MAX_DAYS_BY_DAY else "month"

    def buckets(self) -> list[Period]:
        """The period in days, weeks (from Monday) or months; the first and the last may be cut."""
        period, found = self.period, []
        first = period.first
        while first <= period.last:
            last = min(_end_of(first, self.by), period.last)
            found.append(Period(first, last))
            first = last + _DAY
        return found

    def params(self, **changes: object) -> list[tuple[str, str]]:
        """The query string that leads here, with some fields changed; defaults left out."""
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
    """A number at which a band of `ledger.facets` begins, or 0: only there can users be told
    apart."""
    value = reader.number(name, None, low=2, high=MAX_EDGE) or 0
    if value & (value - 1):
        reader.problems.append(Problem(name, f"{value} is not 2, 4, 8, 16 and so on"))
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
