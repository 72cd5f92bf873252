"""What a list of users is asked for: read from an untrusted query string."""

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from frontdesk.core.formats import decimal_text
from frontdesk.core.http.parameters import Days, Problem, Range, Reader
from frontdesk.core.platforms import SLUG

__all__ = ["Days", "Problem", "Range", "UsersQuery"]

PAGE_SIZES = (10, 20, 50, 100, 250)
DEFAULT_SIZE = 20
MAX_QUERY = 200
MAX_WORDS = 8
MAX_QUIET = 36_500

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
    "cost": "user_cost",
    "per_session": "",
}
"""The numbers that can be filtered by `<name>_min` and `<name>_max`, with their column; sent
messages per session are no column."""

DIGITS = {"cost": 6, "per_session": 2}
"""Decimals of the ranges that are more than whole numbers: kept as micro-dollars, hundredths."""

DATES = {"last": "last_message_at", "seen": "first_seen_at"}
"""The times that can be filtered by `<name>_from` and `<name>_to`, with their column."""

ACTIVITY = ("active", "also", "inactive", "joined")
"""What can be asked of days by `<name>_from` and `<name>_to`: who sent a message on one of them,
who also on one of others, who on none, whose first one it was. These are days of the agent's zone,
as in analytics."""

PRESETS = {"today": 0, "7d": 6, "30d": 29, "90d": 89}
"""Values of `last` and `seen`: how many days before today the range begins."""

STATUSES = ("active", "blocked", "near", "unreachable", "linked")
"""Values of `status`; `near`: 80 % of a limit or more was used when that was last looked at."""

TAG_MODES = ("any", "all", "none")
"""Values of `tags`: how many of the tags chosen by `tag` a user has."""

_SLUG = re.compile(SLUG)
_LANGUAGE = re.compile(r"[a-z0-9-]{0,35}")
_PLAN = re.compile(r"[^\x00-\x1f]{0,100}")
_TAG = re.compile(r"[^\x00-\x1f]{1,255}")
_MAY_BE_EMPTY = ("language", "plan")  # "unknown" and "none" are values to filter by


@dataclass(frozen=True)
class UsersQuery:
    """One list of users: the search, the filters, the sort, the page."""

    q: str = ""
    platforms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    status: str = ""
    plans: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_mode: str = "any"
    last: str = ""
    seen: str = ""
    quiet: int | None = None
    days: dict[str, Days] = field(default_factory=dict)
    ranges: dict[str, Range] = field(default_factory=dict)
    sort: str = DEFAULT_SORT
    page: int = 1
    size: int = DEFAULT_SIZE
    zone: zoneinfo.ZoneInfo = field(default_factory=lambda: zoneinfo.ZoneInfo("UTC"))
    now: dt.datetime | None = None
    """What "today" is counted from; None: the clock."""
    known_by: dt.datetime | None = None
    """Without those who were first seen after this."""

    @classmethod
    def parse(
        cls, data: QueryDict, zone: zoneinfo.ZoneInfo, size: int = DEFAULT_SIZE
    ) -> tuple["UsersQuery", list[Problem]]:
        """Read a query string; what cannot be understood is left out and told as a problem."""
        reader = Reader(data)
        ranges = {n: reader.range(n, DIGITS.get(n, 0)) for n in RANGES}
        query = cls(
            q=" ".join(data.get("q", "").replace("\0", " ").split())[:MAX_QUERY],
            platforms=reader.slugs("platform", _SLUG),
            languages=reader.slugs("language", _LANGUAGE),
            status=reader.choice("status", STATUSES, ""),
            plans=reader.slugs("plan", _PLAN),
            tags=reader.slugs("tag", _TAG),
            tags_mode=reader.choice("tags", TAG_MODES, "any"),
            last=reader.choice("last", PRESETS, ""),
            seen=reader.choice("seen", PRESETS, ""),
            quiet=reader.number("quiet", None, low=1, high=MAX_QUIET),
            days={n: days for n in (*DATES, *ACTIVITY) if (days := reader.days(n)) != Days()},
            ranges={n: span for n, span in ranges.items() if span != Range()},
            sort=reader.choice("sort", [*SORTS, *(f"-{name}" for name in SORTS)], DEFAULT_SORT),
            page=reader.number("page", 1, low=1) or 1,
            size=reader.size("page_size", size, PAGE_SIZES[-1]),
            zone=zone,
        )
        if not query.tags:  # then it says nothing, and would only lengthen addresses
            query = replace(query, tags_mode="any")
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
        return bool(self.filters())

    def params(self, **changes: object) -> list[tuple[str, str]]:
        """The query string that leads to this list, with some fields changed; defaults left out.

        A change of anything but the page leads to page 1.
        """
        query = replace(self, **{"page": 1, **changes}) if changes else self  # type: ignore[arg-type]
        pairs = query.filters()
        if query.sort != DEFAULT_SORT:
            pairs.append(("sort", query.sort))
        if query.page > 1:
            pairs.append(("page", str(query.page)))
        return pairs

    def filters(self) -> list[tuple[str, str]]:
        """The part of the query string that says who is meant."""
        pairs: list[tuple[str, object]] = [("q", self.q)]
        pairs += [("platform", slug) for slug in self.platforms]
        pairs += [("language", tag) for tag in self.languages]
        pairs.append(("status", self.status))
        pairs += [("plan", key) for key in self.plans]
        pairs += [("tag", name) for name in self.tags]
        pairs.append(("tags", self.tags_mode if self.tags and self.tags_mode != "any" else ""))
        pairs += [("last", self.last), ("seen", self.seen), ("quiet", self.quiet)]
        for name, days in self.days.items():
            pairs += [(f"{name}_from", days.first), (f"{name}_to", days.last)]
        for name, span in self.ranges.items():
            digits = DIGITS.get(name, 0)
            pairs += [
                (f"{name}_{end}", None if value is None else decimal_text(value, digits))
                for end, value in (("min", span.low), ("max", span.high))
            ]
        return [
            (name, str(value))
            for name, value in pairs
            if value not in ("", None) or (value == "" and name in _MAY_BE_EMPTY)
        ]

    def moments(self, name: str) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The range of a time filter as UTC [from, until): days begin in the reader's zone."""
        days = self.days.get(name, Days())
        preset = {"last": self.last, "seen": self.seen}[name]
        if preset:
            today = self._now().astimezone(self.zone).date()
            days = Days(today - dt.timedelta(days=PRESETS[preset]), None)
        after = days.last + dt.timedelta(days=1) if days.last else None
        return self._midnight(days.first), self._midnight(after)

    @property
    def quiet_since(self) -> dt.datetime | None:
        """Who wrote after this is not quiet."""
        return None if self.quiet is None else self._now() - dt.timedelta(days=self.quiet)

    def _now(self) -> dt.datetime:
        return self.now or dt.datetime.now(dt.UTC)

    def _midnight(self, day: dt.date | None) -> dt.datetime | None:
        if day is None:
            return None
        return dt.datetime.combine(day, dt.time.min, self.zone).astimezone(dt.UTC)
