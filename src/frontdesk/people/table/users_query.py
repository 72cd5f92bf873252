"""The query of a list of users, parsed from an untrusted query string."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.core.http.parameters import Problem, Reader
from frontdesk.people.table.columns import SORTS
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.filter_kinds.base import Context
from frontdesk.people.table.filters import FILTERS

PAGE_SIZES = (10, 20, 50, 100, 250)
DEFAULT_SIZE = 20
MAX_QUERY = 200

DEFAULT_SORT = "-last_message"


@dataclass(frozen=True)
class UsersQuery:
    """One list of users: the search, the filters, the sort, the page.

    `filters` are the values of the active filters, by their names in `FILTERS`.
    """

    q: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = DEFAULT_SORT
    page: int = 1
    size: int = DEFAULT_SIZE
    zone: zoneinfo.ZoneInfo = field(default_factory=lambda: zoneinfo.ZoneInfo("UTC"))
    now: dt.datetime | None = None
    """The time that "today" refers to. None: now."""
    known_by: dt.datetime | None = None
    """Users that were first seen after this are left out."""

    @classmethod
    def parse(
        cls, data: QueryDict, zone: zoneinfo.ZoneInfo, size: int = DEFAULT_SIZE
    ) -> tuple["UsersQuery", list[Problem]]:
        """Parse a query string. Invalid parameters are ignored and returned as problems."""
        reader = Reader(data)
        values = {name: each.parse(reader) for name, each in FILTERS.items()}
        query = cls(
            q=" ".join(data.get("q", "").replace("\0", " ").split())[:MAX_QUERY],
            filters={name: value for name, value in values.items() if value is not None},
            sort=reader.choice("sort", [*SORTS, *(f"-{name}" for name in SORTS)], DEFAULT_SORT),
            page=reader.number("page", 1, low=1) or 1,
            size=reader.size("page_size", size, PAGE_SIZES[-1]),
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
        """Whether the list may have fewer than all users."""
        return bool(self.q or self.filters)

    def params(self, **changes: object) -> list[tuple[str, str]]:
        """The query string of this list with some fields changed. Defaults are left out.

        A change of anything but the page leads to page 1.
        """
        query = replace(self, **{"page": 1, **changes}) if changes else self  # type: ignore[arg-type]
        pairs = query.filter_params()
        if query.sort != DEFAULT_SORT:
            pairs.append(("sort", query.sort))
        if query.page > 1:
            pairs.append(("page", str(query.page)))
        return pairs

    def filter_params(self) -> list[tuple[str, str]]:
        """The part of the query string that selects users."""
        pairs = [("q", self.q)] if self.q else []
        for name, value in self.filters.items():
            pairs += FILTERS[name].params(value)
        return pairs

    def without(self, name: str) -> dict[str, Any]:
        """The filters except this one."""
        return {other: value for other, value in self.filters.items() if other != name}

    def context(self, agent: Agent) -> Context:
        """What the filters' conditions depend on in addition to their values."""
        return Context(agent, self.now or dt.datetime.now(dt.UTC), self.zone)

    def conditions(self, agent: Agent) -> list[Condition]:
        """The filters as SQL, in the order of their precedence, without the search."""
        context = self.context(agent)
        in_order = sorted(
            ((FILTERS[name], value) for name, value in self.filters.items()),
            key=lambda item: item[0].precedence(item[1]),
        )
        found = [c for each, value in in_order for c in each.conditions(value, context)]
        if self.known_by is not None:
            found.append(Condition("u.first_seen_at <= %s", (self.known_by,)))
        return found
