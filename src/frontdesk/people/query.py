"""One page of users: costs by the page, never by the history.

Three ways to a page, chosen by what is asked:
- *walk*: the sort's index, with OFFSET over ids alone; from the end for the pages past the middle.
- *gather*: a filter that matches few takes them through its own index, and sorts these.
- a filter that matches more than `BOUND` walks the sort's index and drops what does not match.
"""

import datetime as dt
import math
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, NamedTuple

from django.db import OperationalError, connection, models, transaction
from django.db.models import Sum

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import NEVER, EndUser, FacetCount
from frontdesk.people import search
from frontdesk.people.filters import DATES, RANGES, SORTS, UsersQuery

BOUND = 10_000
"""Matches are counted up to here; beyond it a list says "10,000+"."""

BUDGET = 2.0
"""Seconds that the database may work on one list."""


_TICK = dt.timedelta(microseconds=1)


class TooSlowError(Exception):
    """The list was not ready within the budget: its filters have to be narrowed."""


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


class _Condition(NamedTuple):
    """A filter: SQL on a user `u`, the index that begins with its column, the column."""

    sql: str
    params: tuple[Any, ...]
    own_index: str
    column: str


_INDEXES = {
    "sort_name": "enduser_name",
    "last_message_at": "enduser_last",
    "first_seen_at": "enduser_first",
    "total_sessions": "enduser_sessions",
    "total_chat_messages": "enduser_chat",
    "total_messages_sent": "enduser_sent",
    "user_cost": "enduser_cost",
    "platform": "enduser_platform",
    "language": "enduser_language",
}


def users_page(agent: Agent, query: UsersQuery) -> UsersPage:
    """The page that was asked for; a page past the end is the last. Raises TooSlowError."""
    with _budget():
        total = _exact_total(agent, query)
        if total is not None:
            return _walk_known(agent, query, total)
        return _filtered(agent, query)


def count_new(agent: Agent, query: UsersQuery, since: dt.datetime, bound: int = 100) -> int:
    """How many of the matching users have written after `since`; counted up to `bound`."""
    where, params = _where(agent, _conditions(query), search.match(query.q))
    with _budget():
        statement = (
            f"SELECT count(*) FROM (SELECT 1 FROM ledger_enduser u{_by('last_message_at')}"
            f" WHERE {where} AND u.last_message_at > %s LIMIT {int(bound)}) AS new"
        )
        return int(_rows(statement, [*params, _time(since)])[0][0])


def _exact_total(agent: Agent, query: UsersQuery) -> int | None:
    """How many users match, where that is kept: all of them, or one value of one facet."""
    facets = {"platform": query.platforms, "language": query.languages}
    chosen = [(facet, values) for facet, values in facets.items() if values]
    if query.q or query.last or query.days or query.ranges or len(chosen) > 1:
        return None
    if not chosen:
        counts = FacetCount.objects.filter(agent=agent, facet="platform")
    elif len(chosen[0][1]) == 1 and query.sort_name == "last_message":
        counts = FacetCount.objects.filter(agent=agent, facet=chosen[0][0], value=chosen[0][1][0])
    else:
        return None
    return counts.aggregate(total=Sum("users"))["total"] or 0


def _walk_known(agent: Agent, query: UsersQuery, total: int) -> UsersPage:
    """A page of which all is known but the rows; past the middle it is read from the end."""
    number = min(query.page, max(1, math.ceil(total / query.size)))
    offset = (number - 1) * query.size
    limit = max(0, min(query.size, total - offset))
    from_end = offset > total // 2
    conditions = _conditions(query)
    index = conditions[0].own_index if conditions else _INDEXES[SORTS[query.sort_name]]
    ids = _walk(
        agent,
        query,
        conditions,
        None,
        (total - offset - limit if from_end else offset, limit),
        index=index,
        backwards=from_end,
    )
    return UsersPage(_users(ids[::-1] if from_end else ids), number, query.size, total, True)


def _filtered(agent: Agent, query: UsersQuery) -> UsersPage:
    conditions = _conditions(query)
    match = search.match(query.q)
    exact = _exact(agent, query, conditions)
    offset = (query.page - 1) * query.size
    pinned = exact[offset : offset + query.size]
    window = (max(0, offset - len(exact)), query.size - len(pinned))
    if match is None and [c.column for c in conditions] == [SORTS[query.sort_name]]:
        # A range of the sort itself: its index serves both.
        found = _count(agent, conditions)
        ids = _walk(agent, query, conditions, match, window)
    else:
        found, ids = _gather(agent, query, conditions, match, exact, window)
        if found > BOUND:
            ids = _walk(agent, query, conditions, match, window, exclude=exact)
    total = min(found, BOUND) + len(exact)
    if not ids and not pinned and query.page > 1:
        return _filtered(agent, replace(query, page=max(1, math.ceil(total / query.size))))
    known = max(total, offset + len(pinned) + len(ids))
    return UsersPage(
        _users([*pinned, *ids]), query.page, query.size, known, total_is_exact=found <= BOUND
    )


def _conditions(query: UsersQuery) -> list[_Condition]:
    found = []
    for column, values in (("platform", query.platforms), ("language", query.languages)):
        if values:
            marks = ", ".join(["%s"] * len(values))
            found.append(_condition(column, f"u.{column} IN ({marks})", values))
    for name, column in DATES.items():
        low, high = query.moments(name)
        if low is not None or high is not None:
            since = max(low or NEVER, NEVER + _TICK)  # who has never written matches no range
            moments = [(">=", _time(since))] + ([("<", _time(high))] if high else [])
            found.append(_range(column, moments))
    for name, span in query.ranges.items():
        bounds = [(">=", span.low), ("<=", span.high)]
        found.append(_range(RANGES[name], [(sign, v) for sign, v in bounds if v is not None]))
    return found


def _condition(column: str, sql: str, params: Sequence[Any]) -> _Condition:
    return _Condition(sql, tuple(params), _INDEXES[column], column)


def _range(column: str, bounds: list[tuple[str, Any]]) -> _Condition:
    sql = " AND ".join(f"u.{column} {sign} %s" for sign, _ in bounds)
    return _condition(column, sql, [value for _, value in bounds])


def _where(
    agent: Agent, conditions: list[_Condition], match: search.Match | None
) -> tuple[str, list[Any]]:
    parts, params = ["u.agent_id = %s"], [_id(agent.id)]
    for condition in conditions:
        parts.append(condition.sql)
        params += condition.params
    if match:
        parts.append(match.decides)
        params += match.params
    return " AND ".join(parts), params


def _without(exclude: list[uuid.UUID]) -> tuple[str, list[Any]]:
    if not exclude:
        return "", []
    return f" AND u.id NOT IN ({', '.join(['%s'] * len(exclude))})", [_id(i) for i in exclude]


def _exact(agent: Agent, query: UsersQuery, conditions: list[_Condition]) -> list[uuid.UUID]:
    """The users whose id is what was typed, if the filters let them through: they come first."""
    candidates = search.exact_ids(agent, query.q)
    if not candidates:
        return []
    where, params = _where(agent, conditions, None)
    marks = ", ".join(["%s"] * len(candidates))
    statement = f"SELECT u.id FROM ledger_enduser u WHERE {where} AND u.id IN ({marks}) ORDER BY 1"
    return _ids(statement, [*params, *map(_id, candidates)])


def _walk(
    agent: Agent,
    query: UsersQuery,
    conditions: list[_Condition],
    match: search.Match | None,
    window: tuple[int, int],
    *,
    index: str = "",
    backwards: bool = False,
    exclude: Sequence[uuid.UUID] = (),
) -> list[uuid.UUID]:
    """Ids in the order of the sort's index, from `offset` on; `backwards` from its other end."""
    column = SORTS[query.sort_name]
    direction = "DESC" if query.descending != backwards else "ASC"
    where, params = _where(agent, conditions, match)
    without, excluded = _without(list(exclude))
    _forbid_sorting()
    return _ids(
        f"SELECT u.id FROM ledger_enduser u{_by(column, index)} WHERE {where}{without}"
        f" ORDER BY u.{column} {direction}, u.id {direction} LIMIT %s OFFSET %s",
        [*params, *excluded, window[1], window[0]],
    )


def _gather(
    agent: Agent,
    query: UsersQuery,
    conditions: list[_Condition],
    match: search.Match | None,
    exclude: list[uuid.UUID],
    window: tuple[int, int],
) -> tuple[int, list[uuid.UUID]]:
    """How many match, counted to just above `BOUND`, and the window's ids where it is not above."""
    column = SORTS[query.sort_name]
    direction = "DESC" if query.descending else "ASC"
    where, params = _where(agent, conditions, match)
    without, excluded = _without(exclude)
    if match:
        # CROSS JOIN: the words' index leads, the users follow by their ids.
        source = "ledger_search s CROSS JOIN ledger_enduser u"
        where = f"{match.candidates} AND u.id = s.end_user_id AND {where}"
        params = [*match.candidate_params, *params]
    else:
        source = f"ledger_enduser u{_by(conditions[0].column)}"
    rows = _rows(
        f"WITH hits AS MATERIALIZED (SELECT u.id, u.{column} AS place FROM {source}"
        f" WHERE {where}{without} LIMIT {BOUND + 1})"
        " SELECT (SELECT count(*) FROM hits), page.id FROM (SELECT 1) AS one LEFT JOIN"
        f" (SELECT id, place FROM hits ORDER BY place {direction}, id {direction}"
        f" LIMIT %s OFFSET %s) AS page ON true"
        f" ORDER BY page.place {direction}, page.id {direction}",
        [*params, *excluded, window[1], window[0]],
    )
    return rows[0][0], [_uuid(row[1]) for row in rows if row[1] is not None]


def _count(agent: Agent, conditions: list[_Condition]) -> int:
    where, params = _where(agent, conditions, None)
    statement = (
        f"SELECT count(*) FROM (SELECT 1 FROM ledger_enduser u{_by(conditions[0].column)}"
        f" WHERE {where} LIMIT {BOUND + 1}) AS hits"
    )
    return int(_rows(statement, params)[0][0])


def _users(ids: list[uuid.UUID]) -> list[EndUser]:
    """The rows of these ids, in their order; one that has just gone is left out."""
    found = EndUser.objects.in_bulk(ids)
    return [found[id_] for id_ in ids if id_ in found]


# --- what the databases must be told ------------------------------------------------------------


def _by(column: str, index: str = "") -> str:
    """SQLite: use this index, the column's own unless another is named.

    Its planner takes the sort's index for a rare filter: 744 ms for 53 rows; its own takes 0.25 ms.
    """
    if connection.vendor != "sqlite":
        return ""
    return f" INDEXED BY {index or _INDEXES[column]}"


def _forbid_sorting() -> None:
    """PostgreSQL: walk the index; the planner sorts all matches when it expects few of them."""
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_sort = off")


@contextmanager
def _budget() -> Iterator[None]:
    """Let the database work for `BUDGET` seconds at most, then raise TooSlowError."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        until = monotonic() + BUDGET
        handle = connection.connection.set_progress_handler
        handle(lambda: monotonic() > until, 20_000)
        try:
            yield
        except OperationalError as error:
            if "interrupted" in str(error):
                raise TooSlowError from error
            raise
        finally:
            handle(None, 0)
        return
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(BUDGET * 1000)}")
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == "57014":  # query_canceled
            raise TooSlowError from error
        raise


def _rows(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _ids(statement: str, params: Sequence[Any]) -> list[uuid.UUID]:
    return [_uuid(row[0]) for row in _rows(statement, params)]


def _uuid(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _id(value: uuid.UUID) -> Any:
    return models.UUIDField().get_db_prep_value(value, connection)


def _time(value: dt.datetime) -> Any:
    return models.DateTimeField().get_db_prep_value(value, connection)
