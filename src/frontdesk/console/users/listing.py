"""What the Users page shows around its rows: links and choices, all made of the query."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.urls import reverse

from frontdesk.agents.models import Agent
from frontdesk.core.formats import decimal_text
from frontdesk.core.http.parameters import Problem, Range
from frontdesk.core.languages import language_name
from frontdesk.core.platforms import platform_word
from frontdesk.ledger.models import NEVER, EndUser, FacetCount
from frontdesk.people.table import columns, filter_labels
from frontdesk.people.table.columns import Column
from frontdesk.people.table.filter_labels import (
    ACTIVITY_WORDS,
    DATE_WORDS,
    PRESET_WORDS,
    RANGE_WORDS,
)
from frontdesk.people.table.filters import DIGITS, PAGE_SIZES, PRESETS, SORTS, Days, UsersQuery
from frontdesk.people.table.query import UsersPage
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.saved_views import View

CHOICES = 60
"""Values of a facet that its filter offers."""

ALL = "all"
"""The view without filters; no address names it."""


class Chip(NamedTuple):
    """A filter in force, in words, and the list without it."""

    text: str
    url: str


class Head(NamedTuple):
    """A column's head: where a click leads, and how the list is sorted by it now."""

    column: Column
    url: str
    aria_sort: str


class Choice(NamedTuple):
    """A value of a filter, its word, how many users have it, whether it is chosen."""

    value: str
    word: str
    users: int
    chosen: bool


class Bounds(NamedTuple):
    """The two fields of a filter by numbers."""

    name: str
    word: str
    low: str
    high: str
    step: str


class Tab(NamedTuple):
    """A view above the list, and the list that it leads to."""

    view: View
    url: str
    is_current: bool


@dataclass(frozen=True)
class Listing:
    """The links of one list: every change of it is another address.

    `columns` are those that the address names, `view` the saved view that it came from.
    """

    agent: Agent
    query: UsersQuery
    columns: tuple[str, ...] = ()
    view: str = ""
    live: bool = False

    @classmethod
    def parse(
        cls, agent: Agent, query: UsersQuery, data: QueryDict
    ) -> tuple["Listing", list[Problem]]:
        """The list of an address whose query has been read; with what else was not understood."""
        given = [key for key in data.get("columns", "").split(",") if key]
        known = tuple(columns.valid(given)) if given else ()
        unknown = [key for key in given if key not in columns.COLUMNS]
        problems = (
            [Problem("columns", f"there is no column “{unknown[0][:40]}”")] if unknown else []
        )
        view = data.get("view", "")[:36].replace("\0", "")
        return cls(agent, query, known, view, data.get("live") == "1"), problems

    def url(self, **changes: Any) -> str:
        return self._address(self.query.params(**changes))

    @property
    def here(self) -> str:
        """This list's own address, written the one way it is always written."""
        return self.url(page=self.query.page)

    @property
    def live_switched(self) -> str:
        """The same list with live mode turned on, or off."""
        return replace(self, live=not self.live).here

    @property
    def beside(self) -> list[tuple[str, str]]:
        """The parameters that are not the query's."""
        pairs = [("columns", ",".join(self.columns)), ("view", self.view)]
        return [*(pair for pair in pairs if pair[1]), *([("live", "1")] if self.live else [])]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The list's parameters but for the page, for forms that add to them."""
        return self.query.params(page=1) + self.beside

    @property
    def kept_pairs(self) -> list[tuple[str, str]]:
        """What the form of search and filters does not ask for itself."""
        return [("sort", self.query.sort), *self.beside]

    @property
    def address(self) -> str:
        """The query string of this list's first page."""
        return urlencode(self.pairs)

    def sized(self) -> list[tuple[int, str]]:
        """The page sizes, and the first page in that size."""
        base = reverse("users:users", args=[self.agent.id])
        return [
            (size, f"{base}?{urlencode([*self.pairs, ('page_size', size)])}") for size in PAGE_SIZES
        ]

    def with_columns(self, keys: Iterable[str]) -> str:
        """The same list with these columns, or with the operator's."""
        return replace(self, columns=tuple(keys)).here

    def _address(self, pairs: list[tuple[str, str]]) -> str:
        base = reverse("users:users", args=[self.agent.id])
        pairs = pairs + self.beside
        return f"{base}?{urlencode(pairs)}" if pairs else base

    @property
    def cleared(self) -> str:
        """Everybody, in the same order."""
        return replace(self, view="")._address(UsersQuery(sort=self.query.sort).params())

    @property
    def export_pairs(self) -> list[tuple[str, str]]:
        """The parameters that say who is exported, in which order."""
        return self.query.params(page=1)

    def poll(self, since: dt.datetime) -> str:
        """Where the page asks how many of the list's users have written since then."""
        pairs = [*self.query.params(), *self.beside, ("since", since.isoformat())]
        return f"{reverse('users:new', args=[self.agent.id])}?{urlencode(pairs)}"

    def heads(self, shown: Iterable[Column]) -> list[Head]:
        return [self._head(column) for column in shown]

    def _head(self, column: Column) -> Head:
        if column.sort not in SORTS:
            return Head(column, "", "")
        if self.query.sort_name != column.sort:
            first = column.sort if column.key == "name" else f"-{column.sort}"
            return Head(column, self.url(sort=first), "none")
        other = column.sort if self.query.descending else f"-{column.sort}"
        now = "descending" if self.query.descending else "ascending"
        return Head(column, self.url(sort=other), now)

    def chips(self, palette: PlanAndTagNames) -> Iterator[Chip]:
        for each in filter_labels.told(self.query, palette):
            yield Chip(each.text, self.url(**each.changes))

    def presets(self, name: str) -> list[tuple[str, str, bool]]:
        chosen = getattr(self.query, name)
        return [(key, PRESET_WORDS[key], key == chosen) for key in PRESETS]

    def pages(self, page: UsersPage) -> list[tuple[int | None, str]]:
        """Numbers with their addresses, first and last always among them; None is a gap."""
        paginator = Paginator(range(page.pages), 1)
        numbers = paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return [
            (number, self.url(page=number)) if isinstance(number, int) else (None, "")
            for number in numbers
        ]

    def tabs(self, views: Sequence[View]) -> list[Tab]:
        current = self._current(views)
        return [Tab(view, self.url_of(view), view is current) for view in views]

    def _current(self, views: Sequence[View]) -> View | None:
        """The view that the address names; where it names none, the first with its filters."""
        if self.view:
            return next((view for view in views if view.id == self.view), None)
        filters = sorted(self.query.filters())
        same = (view for view in views if filters == sorted(self._query_of(view).filters()))
        return next(same, None)

    def is_as_kept(self, view: View) -> bool:
        """Whether the list is still the one that the view leads to."""
        return replace(self, live=False)._address(self.query.params(page=1)) == self.url_of(view)

    def url_of(self, view: View) -> str:
        """The list that a view leads to."""
        id_ = "" if view.id == ALL else view.id
        return Listing(self.agent, self._query_of(view), view.columns, id_).url()

    def _query_of(self, view: View) -> UsersQuery:
        return UsersQuery.parse(QueryDict(view.query), self.query.zone)[0]


def newest_message_at(agent: Agent) -> dt.datetime:
    """Time of the agent's newest message from a user: what is new is later than that.

    The clock would not do: a reporter's may be ahead, and reports come some seconds late.
    """
    users = EndUser.objects.filter(agent=agent).order_by("-last_message_at", "-id")
    return users.values_list("last_message_at", flat=True).first() or NEVER


def facet_choices(
    agent: Agent, query: UsersQuery, palette: PlanAndTagNames
) -> dict[str, list[Choice]]:
    """By facet, its values with their users, the most frequent first; chosen ones always in."""
    users: dict[str, dict[str, int]] = {facet: {} for facet in FacetCount.Facet.values}
    for facet, value, count in _most_frequent(agent):
        users[facet][value] = count
    return {
        facet: [
            Choice(value, word(value), users[facet].get(value, 0), value in chosen)
            for value in dict.fromkeys([*users[facet], *chosen])
        ]
        for facet, chosen, word in (
            (FacetCount.Facet.PLATFORM, query.platforms, platform_word),
            (FacetCount.Facet.LANGUAGE, query.languages, language_name),
            (FacetCount.Facet.PLAN, query.plans, lambda key: palette.plan_name(key) or "None"),
            (FacetCount.Facet.TAG, query.tags, str),
        )
    }


def _most_frequent(agent: Agent) -> Iterable[tuple[str, str, int]]:
    """The values of each facet that most users have: reporters may send any number of them."""
    place = Window(RowNumber(), partition_by="facet", order_by=("-users", "value"))
    found = FacetCount.objects.filter(agent=agent, users__gt=0).annotate(place=place)
    shown = found.filter(place__lte=CHOICES).order_by("facet", "place")
    return shown.values_list("facet", "value", "users")


def ranges_with_words(query: UsersQuery) -> list[Bounds]:
    return [
        _bounds(name, word, query.ranges.get(name, Range())) for name, word in RANGE_WORDS.items()
    ]


def days_with_words(query: UsersQuery, agent: Agent, zone: str) -> list[tuple[str, str, Days, str]]:
    """Name, word, value, and the zone of the days, of each filter by days."""
    dates = [(name, word, zone) for name, word in DATE_WORDS.items()]
    dates += [(name, word, agent.time_zone) for name, word in ACTIVITY_WORDS.items()]
    return [(name, word, query.days.get(name, Days()), of) for name, word, of in dates]


def _bounds(name: str, word: str, span: Range) -> Bounds:
    digits = DIGITS.get(name, 0)
    low, high = ("" if end is None else decimal_text(end, digits) for end in span)
    word = f"{word}, in dollars" if name == "cost" else word
    return Bounds(name, word, low, high, "any" if digits else "1")
