"""All users of a list, some at a time: in the list's order for files, by their ids for actions.

Each step is a query of its own that begins after the last user of the one before, so memory stays
flat, and no connection is held while a reader is slow. A user who moves in the order meanwhile may
be met twice or never; by ids every user who stays in the list is met once.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.core.sql.connections import lend_connection
from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import Sql, marks, read_id, read_ids, read_rows, walking
from frontdesk.people.table.counting import narrow
from frontdesk.people.table.pinned import everyone
from frontdesk.people.table.selection import INDEXES, Order, Selection
from frontdesk.people.table.users_query import UsersQuery

STEP = 2_000
"""Rows of one step; more are no faster."""

_BY_ID = "sqlite_autoindex_ledger_enduser_1"  # SQLite's own index of the primary key

Row = tuple[Any, ...]


def in_order(
    agent: Agent, users: UsersQuery | Sequence[uuid.UUID], select: Sql
) -> Iterator[list[Row]]:
    """What `select` (SQL on a user `u`, with its parameters) gives for each, in the list's order.

    Given ids come in the order in which they are given; those of other agents are skipped.
    """
    if not isinstance(users, UsersQuery):
        yield from _of_ids(agent, users, select)
        return
    order = Order.of(users)
    selection, pinned = everyone(agent, users)
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
    """The next ids of the users who match, in the order of ids, after this one."""
    selection, pinned = everyone(agent, query)
    few = narrow(selection)
    source, params = few or selection.walked(_BY_ID)
    after = after or uuid.UUID(int=0)
    with nullcontext() if few else walking():
        found = read_ids(
            f"SELECT u.id {source} AND u.id > %s ORDER BY u.id LIMIT %s",
            [*params, after, limit],
        )
    return sorted([*found, *(id_ for id_ in pinned if id_ > after)])[:limit]


def _walk(selection: Selection, order: Order, select: Sql) -> Iterator[list[Row]]:
    """Along the sort's index; the place and the id of the last row are where the next begins."""
    source, params = selection.walked(INDEXES[order.column])
    sign = "<" if order.is_descending else ">"
    fields, given = select
    place_of = dialect().unconverted(f"u.{order.column}")  # to be compared with as it is stored
    fields = f"{place_of}, u.id, {fields}"
    ordered = f"ORDER BY {order.by(f'u.{order.column}', 'u.id')} LIMIT {STEP}"
    after = ""
    place: list[Any] = []
    while True:
        with walking():
            rows = read_rows(
                f"SELECT {fields} {source} {after} {ordered}", [*given, *params, *place]
            )
        lend_connection()
        if rows:
            yield [row[2:] for row in rows]
        if len(rows) < STEP:
            return
        after, place = f"AND (u.{order.column}, u.id) {sign} (%s, %s)", list(rows[-1][:2])


def _of_ids(agent: Agent, ids: Sequence[uuid.UUID], select: Sql) -> Iterator[list[Row]]:
    fields, given = select
    adapt = dialect().adapt
    for start in range(0, len(ids), STEP):
        part = [adapt(id_) for id_ in ids[start : start + STEP]]
        rows = read_rows(
            f"SELECT u.id, {fields} FROM ledger_enduser u"
            f" WHERE u.agent_id = %s AND u.id IN ({marks(part)})",
            [*given, agent.id, *part],
        )
        lend_connection()
        found = {row[0]: row[1:] for row in rows}
        if found:
            yield [found[id_] for id_ in part if id_ in found]
