"""All users of a list, some at a time: in the list's order for files, by their ids for actions.

Each step is a separate query that starts after the last user of the previous one, so memory stays
constant and no connection is held for a slow reader. A user who moves in the order in the meantime
may be returned twice or never. By ids, every user who stays in the list is returned once.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.core.sql.connections import lend_connection
from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import (
    Sql,
    placeholders,
    read_id,
    read_ids,
    read_rows,
    without_sorting,
)
from frontdesk.people.table.counting import narrow
from frontdesk.people.table.pinned import resolve
from frontdesk.people.table.selection import INDEXES, Order, Selection
from frontdesk.people.table.users_query import UsersQuery

STEP = 2_000
"""Rows of one step. More would not be faster."""

_BY_ID = "sqlite_autoindex_ledger_enduser_1"  # SQLite's own index of the primary key

Row = tuple[Any, ...]


def in_order(
    agent: Agent, users: UsersQuery | Sequence[uuid.UUID], select: Sql
) -> Iterator[list[Row]]:
    """The values of `select` (SQL on a user `u`, with its parameters) for each user, in order.

    The order is that of the list, or of the given ids; ids of other agents are skipped.
    """
    if not isinstance(users, UsersQuery):
        yield from _of_ids(agent, users, select)
        return
    order = Order.of(users)
    selection, pinned = resolve(agent, users)
    yield from _of_ids(agent, pinned, select)
    found = narrow(selection)
    if found is None:
        yield from _walk(selection, order, select)
        return
    (source, params), (rank, typed) = found, selection.rank()
    ordered = f"ORDER BY rank, {order.by(f'u.{order.column}', 'u.id')}"
    rows = read_rows(f"SELECT u.id, {rank} AS rank {source} {ordered}", [*typed, *params])
    yield from _of_ids(agent, [read_id(row[0]) for row in rows], select)


def by_id(agent: Agent, query: UsersQuery, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """The next ids of the matching users, in the order of ids, after this one."""
    selection, pinned = resolve(agent, query)
    few = narrow(selection)
    source, params = few or selection.walked(_BY_ID)
    after = after or uuid.UUID(int=0)
    with nullcontext() if few else without_sorting():
        found = read_ids(
            f"SELECT u.id {source} AND u.id > %s ORDER BY u.id LIMIT %s",
            [*params, after, limit],
        )
    return sorted([*found, *(id_ for id_ in pinned if id_ > after)])[:limit]


def _walk(selection: Selection, order: Order, select: Sql) -> Iterator[list[Row]]:
    """Along the index of the sort. Each step starts after the sort value and id of the last row."""
    source, params = selection.walked(INDEXES[order.column])
    comparison = "<" if order.is_descending else ">"
    fields, given = select
    key = dialect().unconverted(f"u.{order.column}")  # compared as stored
    fields = f"{key}, u.id, {fields}"
    ordered = f"ORDER BY {order.by(f'u.{order.column}', 'u.id')} LIMIT {STEP}"
    after = ""
    position: list[Any] = []
    while True:
        with without_sorting():
            rows = read_rows(
                f"SELECT {fields} {source} {after} {ordered}", [*given, *params, *position]
            )
        lend_connection()
        if rows:
            yield [row[2:] for row in rows]
        if len(rows) < STEP:
            return
        after = f"AND (u.{order.column}, u.id) {comparison} (%s, %s)"
        position = list(rows[-1][:2])


def _of_ids(agent: Agent, ids: Sequence[uuid.UUID], select: Sql) -> Iterator[list[Row]]:
    fields, given = select
    adapt = dialect().adapt
    for start in range(0, len(ids), STEP):
        part = [adapt(id_) for id_ in ids[start : start + STEP]]
        rows = read_rows(
            f"SELECT u.id, {fields} FROM ledger_enduser u"
            f" WHERE u.agent_id = %s AND u.id IN ({placeholders(part)})",
            [*given, agent.id, *part],
        )
        lend_connection()
        found = {row[0]: row[1:] for row in rows}
        if found:
            yield [found[id_] for id_ in part if id_ in found]
