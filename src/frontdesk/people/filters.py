"""What a list of users is asked for: read from an untrusted query string."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.http import QueryDict

PAGE_SIZES = (10, 20, 50, 100, 250)
DEFAULT_SIZE = 20
MAX_QUERY = 200
MAX_WORDS = 8
MAX_NUMBER = 2**53

SORTS = {
    "name": "sort_name",
    "last_message": "last_message_at",
    "first_seen": "first_seen_at",
    "sessions": "total_sessions",
    "chat": "total_chat_messages",
    "sent": "total_messages_sent",
    "cost": "user_cost",
}
"""The sorts by their name in the URL, with their column."""

DEFAULT_SORT = "-last_message"
RANGES = {
    "sessions": "total_sessions",
    "chat": "total_chat_messages",
    "sent": "total_messages_sent",
}
"""The counts that can be filtered by `<name>_min` and `<name>_max`, with their column."""

DATES = {"last": "last_message_at", "seen": "first_seen_at"}
"""The times that can be filtered by `<name>_from` and `<name>_to`, with their column."""

PRESETS = {"today": 0, "7d": 6, "30d": 29, "90d": 89}
"""Values of `last`: how many days before today the range begins."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_LANGUAGE = re.compile(r"[a-z0-9-]{0,35}")


class Problem(NamedTuple):
    """A parameter that was not understood, and why; the list is shown as if it were not there."""

    parameter: str
    text: str


class Range(NamedTuple):
    """From–to, both ends included; None is open."""

    low: int | None = None
    high: int | None = None


class Days(NamedTuple):
    """From–to in days of the reader's zone, both included; None is open."""

    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class UsersQuery:
    """One list of users: the search, the filters, the sort, the page."""

    q: str = ""
    platforms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    last: str = ""
    days: dict[str, Days] = field(default_factory=dict)
    ranges: dict[str, Range] = field(default_factory=dict)
    sort: str = DEFAULT_SORT
    page: int = 1
    size: int = DEFAULT_SIZE
    zone: zoneinfo.ZoneInfo = field(default_factory=lambda: zoneinfo.ZoneInfo("UTC"))

    @classmethod
    def parse(
        cls, data: QueryDict, zone: zoneinfo.ZoneInfo, size: int = DEFAULT_SIZE
    ) -> tuple["UsersQuery", list[Problem]]:
        """Read a query string; what cannot be understood is left out and told as a problem."""
        reader = _Reader(data)
        query = cls(
            q=" ".join(data.get("q", "").replace("\0", " ").split())[:MAX_QUERY],
            platforms=reader.slugs("platform", _SLUG),
            languages=reader.slugs("language", _LANGUAGE),
            last=reader.choice("last", PRESETS, ""),
            days={n: days for n in DATES if (days := reader.days(n)) != Days()},
            ranges={n: span for n in RANGES if (span := reader.range(n)) != Range()},
            sort=reader.choice("sort", [*SORTS, *(f"-{name}" for name in SORTS)], DEFAULT_SORT),
            page=reader.number("page", 1, low=1) or 1,
            size=reader.size("page_size", size),
            zone=zone,
        )
        return query, reader.problems

    @property
    def sort_name(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def is_filtered(self) -> bool:
        """Whether less than all users are asked for."""
        return bool(
            self.q or self.platforms or self.languages or self.last or self.days or self.ranges
        )

    def params(self, **changes: object) -> list[tuple[str, str]]:
        """The query string that leads to this list, with some fields changed; defaults left out.

        A change of anything but the page leads to page 1.
        """
        query = replace(self, **{"page": 1, **changes}) if changes else self  # type: ignore[arg-type]
        pairs: list[tuple[str, object]] = [("q", query.q)]
        pairs += [("platform", slug) for slug in query.platforms]
        pairs += [("language", tag) for tag in query.languages]
        pairs.append(("last", query.last))
        for name, days in query.days.items():
            pairs += [(f"{name}_from", days.first), (f"{name}_to", days.last)]
        for name, span in query.ranges.items():
            pairs += [(f"{name}_min", span.low), (f"{name}_max", span.high)]
        pairs.append(("sort", query.sort if query.sort != DEFAULT_SORT else ""))
        pairs.append(("page", query.page if query.page > 1 else ""))
        return [
            (name, str(value))
            for name, value in pairs
            if name == "language" or value not in ("", None)
        ]

    def moments(self, name: str) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The range of a time filter as UTC [from, until): days begin in the reader's zone."""
        days = self.days.get(name, Days())
        if name == "last" and self.last:
            today = dt.datetime.now(self.zone).date()
            days = Days(today - dt.timedelta(days=PRESETS[self.last]), None)
        after = days.last + dt.timedelta(days=1) if days.last else None
        return self._midnight(days.first), self._midnight(after)

    def _midnight(self, day: dt.date | None) -> dt.datetime | None:
        if day is None:
            return None
        return dt.datetime.combine(day, dt.time.min, self.zone).astimezone(dt.UTC)


class _Reader:
    """Reads parameters one by one, and collects what is wrong with them."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data
        self.problems: list[Problem] = []

    def slugs(self, name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        found = []
        for value in self.data.getlist(name)[:50]:
            if pattern.fullmatch(value):
                found.append(value)
            else:
                self._ignore(name, f"“{value[:40]}” is no such value")
        return tuple(dict.fromkeys(found))

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        value = self.data.get(name, "")
        if not value or value in allowed:
            return value or default
        self._ignore(name, f"“{value[:40]}” is not one of {', '.join(allowed)}")
        return default

    def number(self, name: str, default: int | None, low: int = 0) -> int | None:
        value = self.data.get(name, "").strip()
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,16}", value) or not low <= int(value) <= MAX_NUMBER:
            self._ignore(name, f"“{value[:40]}” is not a whole number from {low} on")
            return default
        return int(value)

    def size(self, name: str, default: int) -> int:
        value = self.number(name, default, low=1) or default
        if value > PAGE_SIZES[-1]:
            self._ignore(name, f"{value} is more than {PAGE_SIZES[-1]}")
            return default
        return value

    def range(self, name: str) -> Range:
        low, high = self.number(f"{name}_min", None), self.number(f"{name}_max", None)
        if low is not None and high is not None and low > high:
            self._ignore(f"{name}_max", f"{high} is less than {name}_min")
            high = None
        return Range(low, high)

    def days(self, name: str) -> Days:
        first, last = self._day(f"{name}_from"), self._day(f"{name}_to")
        if first and last and first > last:
            self._ignore(f"{name}_to", f"{last} is before {name}_from")
            last = None
        return Days(first, last)

    def _day(self, name: str) -> dt.date | None:
        value = self.data.get(name, "").strip()
        if not value:
            return None
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            day = dt.date.min
        if not 1970 < day.year < 9999:
            self._ignore(name, f"“{value[:40]}” is not a date such as 2026-03-01")
            return None
        return day

    def _ignore(self, parameter: str, text: str) -> None:
        self.problems.append(Problem(parameter, text))
