"""One page of users, at a cost that depends on the page and never on the history.

There are three ways to read a page:
- *known*: no filter, or that of one facet. The total is stored. The rows come from an index in
  order, with OFFSET over ids only, and from the other end for pages past the middle.
- *gather*: a filter or a word that matches at most `BOUND` users. They are found by its own index
  and then sorted.
- *walk*: more matches. The sort's index is walked, and users that do not match are dropped.
"""

import math
import uuid
from dataclasses import dataclass, replace
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.core.sql.budget import TooSlowError, time_budget
from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import (
    placeholders,
    read_id,
    read_ids,
    read_rows,
)
from frontdesk.ledger.models import EndUser, Person
from frontdesk.people.table import counting
from frontdesk.people.table.conditions import Condition, is_of_a_person
from frontdesk.people.table.pinned import pin
from frontdesk.people.table.selection import INDEXES, Order, Selection
from frontdesk.people.table.users_query import UsersQuery

PERSONS_BUDGET = 0.1
"""The time limit for counting the Persons of a list, in seconds: enough for some 10,000 links."""


@dataclass(frozen=True)
class UsersPage:
    """The rows of one page. `total` is a lower bound if `total_is_exact` is false.

    `only_beginnings`: not everything was searched, see `people.table.search`.
    """

    rows: list[EndUser]
    number: int
    size: int
    total: int
    total_is_exact: bool
    only_beginnings: bool = False
    matching: Selection | None = None
    """All users that match, except that those who come first by their id are in its `without`."""

    @property
    def pages(self) -> int:
        """The number of pages, as far as the total is known."""
        return max(1, math.ceil(self.total / self.size))

    @property
    def first(self) -> int:
        """The position of the first row, from 1; 0 without rows."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


class _Window(NamedTuple):
    """The part of the ordered users to read."""

    offset: int
    limit: int


class _Found(NamedTuple):
    """The ids of a window, and how many users match: a lower bound unless it is exact.

    `is_exact` is None if they have not been counted yet.
    """

    ids: list[uuid.UUID]
    total: int
    is_exact: bool | None = True


def users_page(agent: Agent, query: UsersQuery) -> UsersPage:
    """The requested page, or the last one if it is past the end. Raises TooSlowError."""
    selection = Selection.of(agent, query)
    page = _page(selection, Order.of(query), query)
    if selection.match and selection.match.only_beginnings:
        return replace(page, total_is_exact=False, only_beginnings=True)
    return page


def persons_of(page: UsersPage) -> int | None:
    """How many Persons the users that match are: linked ones are one. It reads the linked users.

    None: not all users are counted, or counting takes too long.
    """
    matching = page.matching
    if matching is None or not page.total_is_exact:
        return None
    if not Person.objects.filter(agent=matching.agent).exists():
        return page.total  # most agents; it saves PostgreSQL the statements of the time budget
    linked = is_of_a_person(matching.agent)
    selection = replace(matching, conditions=(linked, *matching.conditions))
    source, params = selection.found_by(linked)
    first = matching.without
    pinned = f"u.id IN ({placeholders(first)}) AND {linked.sql}" if first else "false"
    try:
        with time_budget(PERSONS_BUDGET):
            [[repeated]] = read_rows(
                f"SELECT count(*) - count(DISTINCT person_id) FROM (SELECT u.person_id {source}"
                f" UNION ALL SELECT u.person_id FROM ledger_enduser u WHERE {pinned}) AS linked",
                [*params, *first],
            )
    except TooSlowError:
        return None
    return page.total - int(repeated)


def _page(selection: Selection, order: Order, query: UsersQuery) -> UsersPage:
    with time_budget(counting.BUDGET):
        total = counting.stored_total(selection, query)
        if total is not None:
            return _known(selection, order, query, total)
        selection, pinned = pin(selection, query)
        window, on_top = _below_pinned(pinned, query)
        if selection.match and sum(selection.match.platforms.values()) <= counting.BOUND:
            # The words' index has the users of all agents: testing each of a few is less work.
            found = _gather(selection, order, window, _unfiltered(order), counting.BOUND)
        else:
            found = _filtered(selection, order, window)
        if query.page > 1 and not found.ids and not on_top:
            return _last(selection, order, query, found)
        rows = _users([*on_top, *found.ids])
    if found.is_exact is None:
        found = _counted(selection, at_least=found.total)
    total = found.total + len(pinned)
    is_exact = bool(found.is_exact)
    return UsersPage(rows, query.page, query.size, total, is_exact, matching=selection)


# --- ways to read a page -------------------------------------------------------------------------


def _known(selection: Selection, order: Order, query: UsersQuery, total: int) -> UsersPage:
    number = min(query.page, max(1, math.ceil(total / query.size)))
    window = _Window((number - 1) * query.size, query.size)
    condition = next(iter(selection.conditions), None)
    if condition and condition.column and order.column == "last_message_at":
        ids = _merge(selection.agent, condition, order, window, total)
    elif condition and condition.finds and total <= counting.BOUND:
        ids = _gather(selection, order, window, condition, counting.BOUND).ids
    else:
        ids = _walk_either_way(selection, order, window, total)
    return UsersPage(_users(ids), number, query.size, total, True, matching=selection)


def _filtered(selection: Selection, order: Order, window: _Window) -> _Found:
    if rarest := counting.rarest(selection, counting.BOUND):
        return _gather(selection, order, window, rarest, counting.BOUND)
    if selection.match:
        found = _gather(selection, order, window, None, counting.BOUND)
        if found.total <= counting.BOUND:
            return found
    is_single = (
        len(selection.conditions) == 1 and selection.conditions[0].finds and not selection.match
    )
    if is_single and window.offset >= counting.BOUND:
        return _deep(selection, order, window)
    if not (is_single or selection.match) and (
        finder := counting.rarest(selection, counting.WIDE_BOUND)
    ):
        return _gather(selection, order, window, finder, counting.WIDE_BOUND)
    ids = _walk(selection, order, window)
    at_least = window.offset + len(ids)
    if len(ids) < window.limit and (ids or not window.offset):
        return _Found(ids, at_least)
    if selection.match or (is_single and selection.conditions[0].column):
        return _Found(ids, max(counting.BOUND, at_least), is_exact=False)
    return _Found(ids, at_least, is_exact=None)


def _deep(selection: Selection, order: Order, window: _Window) -> _Found:
    """A page far down the list of one filter: counting all by its index costs less than walking."""
    total = counting.count_found(selection, selection.conditions[0])
    is_past_end = window.offset >= total
    return _Found([] if is_past_end else _walk_either_way(selection, order, window, total), total)


def _last(selection: Selection, order: Order, query: UsersQuery, found: _Found) -> UsersPage:
    """The last page, for a page past the end."""
    pinned = list(selection.without)
    total = found.total
    if not found.is_exact:  # now the exact number is needed
        total = counting.count_found(selection, counting.finder(selection))
    query = replace(query, page=max(1, math.ceil((total + len(pinned)) / query.size)))
    window, on_top = _below_pinned(pinned, query)
    if total <= counting.BOUND:
        ids = _filtered(selection, order, window).ids
    else:
        ids = _walk_either_way(selection, order, window, total)
    rows = _users([*on_top, *ids])
    total += len(pinned)
    return UsersPage(rows, query.page, query.size, total, True, matching=selection)


def _below_pinned(pinned: list[uuid.UUID], query: UsersQuery) -> tuple[_Window, list[uuid.UUID]]:
    """The window of a page of which these users come first, and those of them on the page."""
    offset = (query.page - 1) * query.size
    on_top = pinned[offset : offset + query.size]
    return _Window(max(0, offset - len(pinned)), query.size - len(on_top)), on_top


# --- statements ----------------------------------------------------------------------------------


def _unfiltered(order: Order) -> Condition:
    """No filter: all users of the agent, by the index of the sort."""
    return Condition("", (), order.column)


def _walk(selection: Selection, order: Order, window: _Window) -> list[uuid.UUID]:
    """The ids of a window, along the index of the sort."""
    source, params = selection.walked(INDEXES[order.column])
    dialect().forbid_sorting()
    return read_ids(
        f"SELECT u.id {source} ORDER BY {order.by(f'u.{order.column}', 'u.id')} LIMIT %s OFFSET %s",
        [*params, window.limit, window.offset],
    )


def _walk_either_way(
    selection: Selection, order: Order, window: _Window, total: int
) -> list[uuid.UUID]:
    """The same, from the other end of the index if the window is past the middle."""
    nearest, is_mirrored = _mirror(window, total)
    if is_mirrored:
        return _walk(selection, order.reversed(), nearest)[::-1]
    return _walk(selection, order, nearest)


def _merge(
    agent: Agent, condition: Condition, order: Order, window: _Window, total: int
) -> list[uuid.UUID]:
    """Ids by last message, for values of one facet: an index has each value's users in order."""
    nearest, is_mirrored = _mirror(window, total)
    hint = dialect().index_hint(INDEXES[condition.column])
    parts = " UNION ALL ".join(
        f"SELECT u.last_message_at AS place, u.id AS id FROM ledger_enduser u{hint}"
        f" WHERE u.agent_id = %s AND u.{condition.column} = %s"
        for _ in condition.params
    )
    params = [p for value in condition.params for p in (agent.id, value)]
    direction = order.reversed() if is_mirrored else order
    dialect().forbid_sorting()
    rows = read_rows(
        f"{parts} ORDER BY {direction.by('place', 'id')} LIMIT %s OFFSET %s",
        [*params, nearest.limit, nearest.offset],
    )
    ids = [read_id(row[1]) for row in rows]
    return ids[::-1] if is_mirrored else ids


def _gather(
    selection: Selection,
    order: Order,
    window: _Window,
    finder: Condition | None,
    bound: int,
) -> _Found:
    """The window of the users that this condition's index finds, or else the words' index.

    If the total is more than `bound`, the ids are not usable.
    """
    source, params = selection.found_by(finder)
    rank, typed = selection.rank()
    rows = read_rows(
        f"WITH hits AS MATERIALIZED (SELECT u.id, u.{order.column} AS place, {rank} AS rank"
        f" {source} LIMIT {bound + 1})"
        " SELECT (SELECT count(*) FROM hits), page.id FROM (SELECT 1) AS one LEFT JOIN"
        f" (SELECT id, place, rank FROM hits ORDER BY rank, {order.by('place', 'id')}"
        " LIMIT %s OFFSET %s) AS page ON true"
        f" ORDER BY page.rank, {order.by('page.place', 'page.id')}",
        [*typed, *params, window.limit, window.offset],
    )
    return _Found([read_id(row[1]) for row in rows if row[1] is not None], rows[0][0])


def _counted(selection: Selection, at_least: int) -> _Found:
    """How many users match, up to `BOUND`; only a lower bound if counting takes too long."""
    try:
        with time_budget(counting.COUNT_BUDGET):
            if finder := counting.rarest(selection, counting.WIDE_BOUND):
                total = counting.count_found(selection, finder, counting.BOUND + 1)
            else:  # users that are not rare are found often during a walk
                newest = Order("last_message_at", is_descending=True)
                total = len(_walk(selection, newest, _Window(0, counting.BOUND + 1)))
    except TooSlowError:
        return _Found([], at_least, is_exact=False)
    return _Found([], max(min(total, counting.BOUND), at_least), is_exact=total <= counting.BOUND)


def _mirror(window: _Window, total: int) -> tuple[_Window, bool]:
    """The window from the nearest end of a list of this length, and whether that is its end."""
    limit = max(0, min(window.limit, total - window.offset))
    if window.offset <= total // 2:
        return _Window(window.offset, limit), False
    return _Window(total - window.offset - limit, limit), True


def _users(ids: list[uuid.UUID]) -> list[EndUser]:
    """The rows of these ids, in their order. A user that was just removed is left out."""
    found = EndUser.objects.in_bulk(ids)
    return [found[id_] for id_ in ids if id_ in found]
