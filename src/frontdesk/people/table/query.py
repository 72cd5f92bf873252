"""One page of users: costs by the page, never by the history.

The ways to a page, chosen by what is asked:
- *known*: no filter, or one facet's. How many there are is kept; the rows come from an index in
  their order, with OFFSET over ids alone, from the other end for the pages past the middle.
- *gather*: a filter or a word that matches at most `BOUND` users takes them through its own index,
  and sorts these.
- *walk*: what matches more goes along the sort's index and drops who does not belong.
"""

import datetime as dt
import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import Sum

from frontdesk.agents.models import Agent
from frontdesk.core.sql.budget import TooSlowError, time_budget
from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import (
    Sql,
    marks,
    read_id,
    read_ids,
    read_rows,
)
from frontdesk.ledger.models import EndUser, FacetCount
from frontdesk.people.table import search
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.filters import UsersQuery
from frontdesk.people.table.selection import INDEXES, Order, Selection

__all__ = ["BOUND", "TooSlowError", "UsersPage", "count", "count_new", "users_page"]

BOUND = 10_000
"""Matches are counted up to here; beyond it a list says "10,000+"."""

WIDE_BOUND = 100_000
"""Of several filters the rarest may find so many to be gathered: it is not known how many of them
the others leave, and a walk might pass everybody to meet those few."""

BUDGET = 2.0
"""Seconds that the database may work on one list."""

COUNT_BUDGET = 0.5
"""Seconds for counting what several filters let through, or who has just written."""


@dataclass(frozen=True)
class UsersPage:
    """Rows of one page. `total` is a lower bound when `total_is_exact` is false."""

    rows: list[EndUser]
    number: int
    size: int
    total: int
    total_is_exact: bool

    @property
    def pages(self) -> int:
        """How many pages there are, or are known of."""
        return max(1, math.ceil(self.total / self.size))

    @property
    def first(self) -> int:
        """Place of the first row, from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


class _Window(NamedTuple):
    """Which of the ordered users are wanted."""

    offset: int
    limit: int


class _Found(NamedTuple):
    """The ids of a window, and how many match: so many at least when it is not exact.

    `is_exact` is None when they have still to be counted.
    """

    ids: list[uuid.UUID]
    total: int
    is_exact: bool | None = True


def users_page(agent: Agent, query: UsersQuery) -> UsersPage:
    """The page that was asked for; a page past the end is the last. Raises TooSlowError."""
    selection, order = Selection.of(agent, query), Order.of(query)
    with time_budget(BUDGET):
        total = _kept_total(selection, query)
        if total is not None:
            return _known(selection, order, query, total)
        platforms = _platforms(agent) if selection.match else {}
        selection, pinned = _pinned(selection, query, platforms)
        window, on_top = _beside(pinned, query)
        if selection.match and sum(platforms.values()) <= BOUND:
            # The words' index knows all agents' users: to look at each of a few is less work.
            found = _gather(selection, order, window, _unfiltered(order), BOUND)
        else:
            found = _filtered(selection, order, window)
        if query.page > 1 and not found.ids and not on_top:
            return _last(selection, order, query, found)
        rows = _users([*on_top, *found.ids])
    if found.is_exact is None:
        found = _counted(selection, at_least=found.total)
    total = found.total + len(pinned)
    return UsersPage(rows, query.page, query.size, total, bool(found.is_exact))


def count_new(agent: Agent, query: UsersQuery, since: dt.datetime, bound: int = 100) -> int:
    """How many of the matching users have written after `since`; counted up to `bound`.

    Raises TooSlowError.
    """
    matching = Selection.of(agent, query)
    newer = Condition("u.last_message_at > %s", (since,), "last_message_at")
    selection = replace(matching, conditions=(newer, *matching.conditions))
    with time_budget(COUNT_BUDGET):
        return _count(selection, newer, bound)


def everybody(agent: Agent, query: UsersQuery) -> tuple[Selection, list[uuid.UUID]]:
    """All whom a query means: those who are named by their id, and the selection of the others."""
    selection = Selection.of(agent, query)
    return _pinned(selection, query, _platforms(agent) if selection.match else {})


def narrow(selection: Selection) -> Sql | None:
    """FROM and WHERE by an index that finds `BOUND` users at most, if one of them does."""
    if rarest := _rarest(selection, BOUND):
        return selection.found_by(rarest)
    if selection.match and _count(selection, bound=BOUND + 1) <= BOUND:
        return selection.found_by(None)
    return None


def count(agent: Agent, query: UsersQuery) -> int | None:
    """How many users match, exactly; None when counting them takes too long."""
    selection = Selection.of(agent, query)
    total = _kept_total(selection, query)
    if total is not None:
        return total
    try:
        with time_budget(BUDGET):
            selection, pinned = everybody(agent, query)
            return _count(selection, _finder(selection)) + len(pinned)
    except TooSlowError:
        return None


# --- the ways ------------------------------------------------------------------------------------


def _kept_total(selection: Selection, query: UsersQuery) -> int | None:
    """How many users match, where that is kept: all of them, or those of some values of a facet."""
    facets = {
        FacetCount.Facet.PLATFORM: query.platforms,
        FacetCount.Facet.LANGUAGE: query.languages,
        FacetCount.Facet.PLAN: query.plans,
        # A user may have several tags, so only one tag's users are counted.
        FacetCount.Facet.TAG: query.tags
        if len(query.tags) == 1 and query.tags_mode != "none"
        else (),
    }
    chosen = [(facet, values) for facet, values in facets.items() if values]
    if selection.match or len(selection.conditions) > len(chosen) or len(chosen) > 1:
        return None
    agent = selection.agent
    counts = FacetCount.objects.filter(agent=agent, facet=FacetCount.Facet.PLATFORM)
    if chosen:
        counts = FacetCount.objects.filter(agent=agent, facet=chosen[0][0], value__in=chosen[0][1])
    return counts.aggregate(total=Sum("users"))["total"] or 0


def _known(selection: Selection, order: Order, query: UsersQuery, total: int) -> UsersPage:
    number = min(query.page, max(1, math.ceil(total / query.size)))
    window = _Window((number - 1) * query.size, query.size)
    condition = next(iter(selection.conditions), None)
    if condition and condition.column and order.column == "last_message_at":
        ids = _merge(selection.agent, condition, order, window, total)
    elif condition and condition.finds and total <= BOUND:
        ids = _gather(selection, order, window, condition, BOUND).ids
    else:
        ids = _walk_either_way(selection, order, window, total)
    return UsersPage(_users(ids), number, query.size, total, total_is_exact=True)


def _filtered(selection: Selection, order: Order, window: _Window) -> _Found:
    if rarest := _rarest(selection, BOUND):
        return _gather(selection, order, window, rarest, BOUND)
    if selection.match:
        found = _gather(selection, order, window, None, BOUND)
        if found.total <= BOUND:
            return found
    is_single = (
        len(selection.conditions) == 1 and selection.conditions[0].finds and not selection.match
    )
    if is_single and window.offset >= BOUND:
        return _deep(selection, order, window)
    if not (is_single or selection.match) and (finder := _rarest(selection, WIDE_BOUND)):
        return _gather(selection, order, window, finder, WIDE_BOUND)
    ids = _walk(selection, order, window)
    at_least = window.offset + len(ids)
    if len(ids) < window.limit and (ids or not window.offset):
        return _Found(ids, at_least)
    if selection.match or (is_single and selection.conditions[0].column):
        return _Found(ids, max(BOUND, at_least), is_exact=False)
    return _Found(ids, at_least, is_exact=None)


def _deep(selection: Selection, order: Order, window: _Window) -> _Found:
    """Far down the list of one filter: its index counts them all in less than the way costs."""
    total = _count(selection, selection.conditions[0])
    is_past_end = window.offset >= total
    return _Found([] if is_past_end else _walk_either_way(selection, order, window, total), total)


def _last(selection: Selection, order: Order, query: UsersQuery, found: _Found) -> UsersPage:
    """The last page of a list whose end was passed."""
    pinned = list(selection.without)
    total = found.total
    if not found.is_exact:  # now it has to be counted to the end
        total = _count(selection, _finder(selection))
    query = replace(query, page=max(1, math.ceil((total + len(pinned)) / query.size)))
    window, on_top = _beside(pinned, query)
    if total <= BOUND:
        ids = _filtered(selection, order, window).ids
    else:
        ids = _walk_either_way(selection, order, window, total)
    rows = _users([*on_top, *ids])
    return UsersPage(rows, query.page, query.size, total + len(pinned), total_is_exact=True)


# --- who comes first -----------------------------------------------------------------------------


def _platforms(agent: Agent) -> dict[str, int]:
    """The agent's platforms, with the number of users of each."""
    counts = FacetCount.objects.filter(agent=agent, facet=FacetCount.Facet.PLATFORM)
    return dict(counts.values_list("value", "users"))


def _pinned(
    selection: Selection, query: UsersQuery, platforms: Iterable[str]
) -> tuple[Selection, list[uuid.UUID]]:
    """Whose own or external id is just what was typed, if the filters let them through, and the
    selection without them."""
    typed = search.exact_ids(selection.agent, query.q, platforms) if selection.match else []
    if not typed:
        return selection, []
    source, params = replace(selection, match=None).walked()
    ids = read_ids(
        f"SELECT u.id {source} AND u.id IN ({marks(typed)}) ORDER BY u.id",
        [*params, *typed],
    )
    return replace(selection, without=tuple(ids)), ids


def _beside(pinned: list[uuid.UUID], query: UsersQuery) -> tuple[_Window, list[uuid.UUID]]:
    """The window of a page when these stand above the list, and those that are on the page."""
    offset = (query.page - 1) * query.size
    on_top = pinned[offset : offset + query.size]
    return _Window(max(0, offset - len(pinned)), query.size - len(on_top)), on_top


# --- statements ----------------------------------------------------------------------------------


def _unfiltered(order: Order) -> Condition:
    """No filter: all users of the agent, by the sort's index."""
    return Condition("", (), order.column)


def _finder(selection: Selection) -> Condition | None:
    """What finds who matches, when nothing is known of how many that are."""
    if selection.match:
        return None
    return next((condition for condition in selection.conditions if condition.finds), None)


def _walk(selection: Selection, order: Order, window: _Window) -> list[uuid.UUID]:
    """Ids along the sort's index."""
    source, params = selection.walked(INDEXES[order.column])
    dialect().forbid_sorting()
    return read_ids(
        f"SELECT u.id {source} ORDER BY {order.by(f'u.{order.column}', 'u.id')} LIMIT %s OFFSET %s",
        [*params, window.limit, window.offset],
    )


def _walk_either_way(
    selection: Selection, order: Order, window: _Window, total: int
) -> list[uuid.UUID]:
    """Ids along the sort's index, from its other end when the window is past the middle."""
    near, is_mirrored = _mirror(window, total)
    if is_mirrored:
        return _walk(selection, order.reversed(), near)[::-1]
    return _walk(selection, order, near)


def _merge(
    agent: Agent, condition: Condition, order: Order, window: _Window, total: int
) -> list[uuid.UUID]:
    """Ids by last message, of some values of one facet: each has its part of an index in order."""
    near, is_mirrored = _mirror(window, total)
    hint = dialect().index_hint(INDEXES[condition.column])
    parts = " UNION ALL ".join(
        f"SELECT u.last_message_at AS place, u.id AS id FROM ledger_enduser u{hint}"
        f" WHERE u.agent_id = %s AND u.{condition.column} = %s"
        for _ in condition.params
    )
    params = [p for value in condition.params for p in (agent.id, value)]
    way = order.reversed() if is_mirrored else order
    dialect().forbid_sorting()
    rows = read_rows(
        f"{parts} ORDER BY {way.by('place', 'id')} LIMIT %s OFFSET %s",
        [*params, near.limit, near.offset],
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
    """The window of who is found by this condition's index, or else the words'.

    When more than `bound` are found this tells so, and the ids are of no use.
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


def _rarest(selection: Selection, bound: int) -> Condition | None:
    """The condition that finds the fewest in its own index, if these are so many at most."""
    finders = [condition for condition in selection.conditions if condition.finds]
    if not finders:
        return None
    parts, params = [], []
    for condition in finders:
        source, given = selection.counted(condition)
        parts.append(f"(SELECT count(*) FROM (SELECT 1 {source} LIMIT {bound + 1}) AS hits)")
        params += given
    counts = dict(zip(finders, read_rows(f"SELECT {', '.join(parts)}", params)[0], strict=True))
    rarest = min(finders, key=lambda condition: counts[condition])
    return rarest if counts[rarest] <= bound else None


def _count(selection: Selection, finder: Condition | None = None, bound: int | None = None) -> int:
    """How many are found by this condition's index, or else the words'."""
    source, params = selection.found_by(finder)
    limit = f" LIMIT {bound}" if bound else ""
    return int(read_rows(f"SELECT count(*) FROM (SELECT 1 {source}{limit}) AS hits", params)[0][0])


def _counted(selection: Selection, at_least: int) -> _Found:
    """How many match, up to `BOUND`; only that it is so many at least when counting takes long."""
    try:
        with time_budget(COUNT_BUDGET):
            if finder := _rarest(selection, WIDE_BOUND):
                total = _count(selection, finder, BOUND + 1)
            else:  # who is not rare is met often along the way
                newest = Order("last_message_at", is_descending=True)
                total = len(_walk(selection, newest, _Window(0, BOUND + 1)))
    except TooSlowError:
        return _Found([], at_least, is_exact=False)
    return _Found([], max(min(total, BOUND), at_least), is_exact=total <= BOUND)


def _mirror(window: _Window, total: int) -> tuple[_Window, bool]:
    """The window as seen from the nearer end of a list this long, and whether that is its end."""
    limit = max(0, min(window.limit, total - window.offset))
    if window.offset <= total // 2:
        return _Window(window.offset, limit), False
    return _Window(total - window.offset - limit, limit), True


def _users(ids: list[uuid.UUID]) -> list[EndUser]:
    """The rows of these ids, in their order; one that has just gone is left out."""
    found = EndUser.objects.in_bulk(ids)
    return [found[id_] for id_ in ids if id_ in found]
