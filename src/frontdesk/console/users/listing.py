"""The links of the Users page, all made from its query."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.core.http.parameters import Problem
from frontdesk.ledger.models import NEVER, EndUser
from frontdesk.people.table import columns
from frontdesk.people.table.columns import Column
from frontdesk.people.table.filter_labels import describe_filters
from frontdesk.people.table.query import UsersPage
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.saved_views import View
from frontdesk.people.table.users_query import PAGE_SIZES, UsersQuery

ALL = "all"
"""The view without filters, which addresses do not name."""


class Chip(NamedTuple):
    """A filter in force, in words, and the address of the list without it."""

    text: str
    url: str


class Head(NamedTuple):
    """A column's header: where a click leads, and how the list is sorted by it now."""

    column: Column
    url: str
    aria_sort: str


class Tab(NamedTuple):
    """A view above the list, and the list that it leads to."""

    view: View
    url: str
    is_current: bool


@dataclass(frozen=True)
class Listing:
    """The links of one list: every change of it has another address.

    `columns` are those in the address, `view` is the saved view that the list came from.
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
        """The list of an address whose query has been read, and problems in the rest of it."""
        keys = [key for key in data.get("columns", "").split(",") if key]
        known = tuple(columns.valid(keys)) if keys else ()
        unknown = [key for key in keys if key not in columns.COLUMNS]
        problems = []
        if unknown:
            text = _("there is no column “%(key)s”") % {"key": unknown[0][:40]}
            problems.append(Problem("columns", text))
        view = data.get("view", "")[:36].replace("\0", "")
        return cls(agent, query, known, view, data.get("live") == "1"), problems

    def url(self, **changes: Any) -> str:
        return self._address(self.query.params(**changes))

    @property
    def here(self) -> str:
        """This list's own address, in its canonical form."""
        return self.url(page=self.query.page)

    @property
    def live_toggled(self) -> str:
        """The same list with live mode turned on or off."""
        return replace(self, live=not self.live).here

    @property
    def extra_pairs(self) -> list[tuple[str, str]]:
        """The parameters that do not belong to the query."""
        pairs = [("columns", ",".join(self.columns)), ("view", self.view)]
        return [*(pair for pair in pairs if pair[1]), *([("live", "1")] if self.live else [])]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The list's parameters except the page, for forms that add to them."""
        return self.query.params(page=1) + self.extra_pairs

    @property
    def kept_pairs(self) -> list[tuple[str, str]]:
        """The parameters without a field in the form of search and filters."""
        return [("sort", self.query.sort), *self.extra_pairs]

    @property
    def address(self) -> str:
        """The query string of this list's first page."""
        return urlencode(self.pairs)

    def sized(self) -> list[tuple[int, str]]:
        """The page sizes, each with the address of the first page in that size."""
        base = reverse("users:users", args=[self.agent.id])
        return [
            (size, f"{base}?{urlencode([*self.pairs, ('page_size', size)])}") for size in PAGE_SIZES
        ]

    def with_columns(self, keys: Iterable[str]) -> str:
        """The same list with these columns, or with the operator's if there are none."""
        return replace(self, columns=tuple(keys)).here

    def _address(self, pairs: list[tuple[str, str]]) -> str:
        base = reverse("users:users", args=[self.agent.id])
        pairs = pairs + self.extra_pairs
        return f"{base}?{urlencode(pairs)}" if pairs else base

    @property
    def cleared(self) -> str:
        """All users, in the same order."""
        return replace(self, view="")._address(UsersQuery(sort=self.query.sort).params())

    @property
    def export_pairs(self) -> list[tuple[str, str]]:
        """The parameters that define which users are exported, in which order."""
        return self.query.params(page=1)

    def poll(self, since: dt.datetime) -> str:
        """The address that the page polls for how many of the list's users have written since."""
        pairs = [*self.query.params(), *self.extra_pairs, ("since", since.isoformat())]
        return f"{reverse('users:new', args=[self.agent.id])}?{urlencode(pairs)}"

    def heads(self, shown: Iterable[Column]) -> list[Head]:
        return [self._head(column) for column in shown]

    def _head(self, column: Column) -> Head:
        key = column.key
        if not column.sort:
            return Head(column, "", "")
        if self.query.sort_name != key:
            first = key if key == "name" else f"-{key}"
            return Head(column, self.url(sort=first), "none")
        other = key if self.query.descending else f"-{key}"
        now = "descending" if self.query.descending else "ascending"
        return Head(column, self.url(sort=other), now)

    def chips(self, names: PlanAndTagNames) -> Iterator[Chip]:
        for each in describe_filters(self.query, names):
            yield Chip(each.text, self.url(**each.changes))

    def pages(self, page: UsersPage) -> list[tuple[int | None, str]]:
        """Page numbers with their addresses, always including first and last; None is a gap."""
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
        """The view in the address or, without one, the first view with the same filters."""
        if self.view:
            return next((view for view in views if view.id == self.view), None)
        filters = sorted(self.query.filter_params())
        same = (view for view in views if filters == sorted(self._query_of(view).filter_params()))
        return next(same, None)

    def is_unchanged(self, view: View) -> bool:
        """Whether the list is still the same as the view's."""
        return replace(self, live=False)._address(self.query.params(page=1)) == self.url_of(view)

    def url_of(self, view: View) -> str:
        """The address of a view's list."""
        id_ = "" if view.id == ALL else view.id
        return Listing(self.agent, self._query_of(view), view.columns, id_).url()

    def _query_of(self, view: View) -> UsersQuery:
        return UsersQuery.parse(QueryDict(view.query), self.query.zone)[0]


def newest_message_at(agent: Agent) -> dt.datetime:
    """The time of the agent's newest message from a user; new messages are later than that.

    Not the current time: a reporter's clock may be ahead, and reports arrive some seconds late.
    """
    users = EndUser.objects.filter(agent=agent).order_by("-last_message_at", "-id")
    return users.values_list("last_message_at", flat=True).first() or NEVER
