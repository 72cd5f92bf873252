"""What the Users page shows around its rows: links, chips, choices; all made of the query."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.urls import reverse

from frontdesk.agents.models import Agent
from frontdesk.console.templatetags.console import platform_word
from frontdesk.ledger.models import NEVER, EndUser, FacetCount
from frontdesk.people.columns import Column
from frontdesk.people.filters import PAGE_SIZES, PRESETS, SORTS, Days, Range, UsersQuery
from frontdesk.people.languages import language_name
from frontdesk.people.query import UsersPage

PRESET_WORDS = {"today": "Today", "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days"}
RANGE_WORDS = {"sessions": "Sessions", "chat": "Chat messages", "sent": "Sent messages"}
DATE_WORDS = {"last": "Last message", "seen": "First seen"}


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


@dataclass(frozen=True)
class Listing:
    """The links of one list: every change of it is another address."""

    agent: Agent
    query: UsersQuery
    live: bool = False

    def url(self, **changes: Any) -> str:
        return self._address(self.query.params(**changes), self.live)

    @property
    def here(self) -> str:
        """This list's own address, written the one way it is always written."""
        return self.url(page=self.query.page)

    @property
    def live_switched(self) -> str:
        """The same list with live mode turned on, or off."""
        return self._address(self.query.params(page=self.query.page), not self.live)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The list's parameters but for the page, for forms that add to them."""
        return self.query.params(page=1) + ([("live", "1")] if self.live else [])

    def sized(self) -> list[tuple[int, str]]:
        """The page sizes, and the first page in that size."""
        base = reverse("people:users", args=[self.agent.id])
        return [
            (size, f"{base}?{urlencode([*self.pairs, ('page_size', size)])}") for size in PAGE_SIZES
        ]

    def _address(self, pairs: list[tuple[str, str]], live: bool) -> str:
        base = reverse("people:users", args=[self.agent.id])
        pairs = pairs + ([("live", "1")] if live else [])
        return f"{base}?{urlencode(pairs)}" if pairs else base

    @property
    def cleared(self) -> str:
        return self.url(q="", platforms=(), languages=(), last="", days={}, ranges={})

    def poll(self, since: dt.datetime) -> str:
        """Where the page asks how many of the list's users have written since then."""
        pairs = [*self.query.params(), ("since", since.isoformat())]
        return f"{reverse('people:new', args=[self.agent.id])}?{urlencode(pairs)}"

    def heads(self, columns: Iterable[Column]) -> list[Head]:
        return [self._head(column) for column in columns]

    def _head(self, column: Column) -> Head:
        if column.sort not in SORTS:
            return Head(column, "", "")
        if self.query.sort_name != column.sort:
            first = column.sort if column.key == "name" else f"-{column.sort}"
            return Head(column, self.url(sort=first), "none")
        other = column.sort if self.query.descending else f"-{column.sort}"
        now = "descending" if self.query.descending else "ascending"
        return Head(column, self.url(sort=other), now)

    def chips(self) -> Iterator[Chip]:
        query = self.query
        if query.q:
            yield Chip(f"Search: {query.q}", self.url(q=""))
        for slug in query.platforms:
            rest = tuple(other for other in query.platforms if other != slug)
            yield Chip(f"Platform: {platform_word(slug)}", self.url(platforms=rest))
        for tag in query.languages:
            rest = tuple(other for other in query.languages if other != tag)
            yield Chip(f"Language: {language_name(tag)}", self.url(languages=rest))
        if query.last:
            yield Chip(f"Last message: {PRESET_WORDS[query.last]}", self.url(last=""))
        for name, days in query.days.items():
            others = {key: value for key, value in query.days.items() if key != name}
            yield Chip(f"{DATE_WORDS[name]}: {_days(days)}", self.url(days=others))
        for name, span in query.ranges.items():
            spans = {key: value for key, value in query.ranges.items() if key != name}
            yield Chip(f"{RANGE_WORDS[name]}: {_range(span)}", self.url(ranges=spans))

    def presets(self) -> list[tuple[str, str, bool]]:
        return [(key, PRESET_WORDS[key], key == self.query.last) for key in PRESETS]

    def pages(self, page: UsersPage) -> list[tuple[int | None, str]]:
        """Numbers with their addresses, first and last always among them; None is a gap."""
        paginator = Paginator(range(page.pages), 1)
        numbers = paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return [
            (number, self.url(page=number)) if isinstance(number, int) else (None, "")
            for number in numbers
        ]


def newest_message_at(agent: Agent) -> dt.datetime:
    """Time of the agent's newest message from a user: what is new is later than that.

    The clock would not do: a reporter's may be ahead, and reports come some seconds late.
    """
    users = EndUser.objects.filter(agent=agent).order_by("-last_message_at", "-id")
    return users.values_list("last_message_at", flat=True).first() or NEVER


def facet_choices(agent: Agent, facet: str, chosen: tuple[str, ...]) -> list[Choice]:
    """The facet's values with their users, the most frequent first; what is chosen is always in."""
    word = platform_word if facet == "platform" else language_name
    counts = FacetCount.objects.filter(agent=agent, facet=facet, users__gt=0)
    users = dict(counts.order_by("-users", "value").values_list("value", "users")[:60])
    values = [*users, *(value for value in chosen if value not in users)]
    return [Choice(value, word(value), users.get(value, 0), value in chosen) for value in values]


def ranges_with_words(query: UsersQuery) -> list[tuple[str, str, Range]]:
    return [(name, word, query.ranges.get(name, Range())) for name, word in RANGE_WORDS.items()]


def days_with_words(query: UsersQuery) -> list[tuple[str, str, Days]]:
    return [(name, word, query.days.get(name, Days())) for name, word in DATE_WORDS.items()]


def _days(days: Days) -> str:
    if days.first and days.last:
        return f"{days.first} to {days.last}"
    return f"from {days.first}" if days.first else f"until {days.last}"


def _range(span: Range) -> str:
    if span.low is not None and span.high is not None:
        return (
            f"{span.low:,} to {span.high:,}" if span.low != span.high else f"exactly {span.low:,}"
        )
    return f"{span.low:,} or more" if span.low is not None else f"at most {span.high:,}"
