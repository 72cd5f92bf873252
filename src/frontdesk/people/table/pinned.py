"""Users whose own or external id is exactly the search: they come first in the list."""

import uuid
from dataclasses import replace

from frontdesk.agents.models import Agent
from frontdesk.core.sql.statements import placeholders, read_ids
from frontdesk.people.table import search
from frontdesk.people.table.selection import Selection
from frontdesk.people.table.users_query import UsersQuery


def resolve(agent: Agent, query: UsersQuery) -> tuple[Selection, list[uuid.UUID]]:
    """All users that match a query: the selection, and the ids of users who come before it."""
    selection = Selection.of(agent, query)
    return pin(selection, query)


def pin(selection: Selection, query: UsersQuery) -> tuple[Selection, list[uuid.UUID]]:
    """The selection without the users whose id is the search, and the ids of those that pass the
    filters."""
    if selection.match is None:
        return selection, []
    typed = search.exact_ids(selection.agent, query.q, selection.match.platforms)
    if not typed:
        return selection, []
    source, params = replace(selection, match=None).walked()
    ids = read_ids(
        f"SELECT u.id {source} AND u.id IN ({placeholders(typed)}) ORDER BY u.id",
        [*params, *typed],
    )
    return replace(selection, without=tuple(ids)), ids
