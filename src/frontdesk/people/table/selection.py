"""The users of a list as SQL, and their order."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import Sql, placeholders
from frontdesk.ledger.models import EndUser
from frontdesk.people.table import search
from frontdesk.people.table.columns import SORTS
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.users_query import UsersQuery


def _first_column(fields: Sequence[str]) -> str:
    """The column of an index: the first one, or the one after the agent."""
    return fields[1] if fields[0] == "agent" else fields[0]


INDEXES = {_first_column(index.fields): index.name for index in EndUser._meta.indexes}
"""The index of a column of EndUser."""


class Order(NamedTuple):
    """A sort. Ties are sorted by id in the same direction, so that one index serves both."""

    column: str
    is_descending: bool

    @classmethod
    def of(cls, query: UsersQuery) -> "Order":
        return cls(SORTS[query.sort_name], query.descending)

    def reversed(self) -> "Order":
        return Order(self.column, not self.is_descending)

    def by(self, column: str, id_: str) -> str:
        direction = "DESC" if self.is_descending else "ASC"
        return f"{column} {direction}, {id_} {direction}"


@dataclass(frozen=True)
class Selection:
    """The users of one agent that meet all conditions and match the words, except `without`."""

    agent: Agent
    conditions: tuple[Condition, ...] = ()
    match: search.Match | None = None
    without: tuple[uuid.UUID, ...] = ()

    @classmethod
    def of(cls, agent: Agent, query: UsersQuery) -> "Selection":
        return cls(agent, tuple(query.conditions(agent)), search.match(agent, query.q))

    def walked(self, index: str = "") -> Sql:
        """FROM and WHERE that walk the users along this index and drop those that do not match."""
        where, params = self._where()
        hint = dialect().index_hint(index)
        return f"FROM ledger_enduser u{hint} WHERE {where}", params

    def found_by(self, condition: Condition | None) -> Sql:
        """FROM and WHERE that find the users by this condition; None: by the words' index.

        Without words that the index has, all users are read in the order of their last message.
        """
        if condition is None:
            if self.match and self.match.candidates:
                return self._searched(self.match)
            return self.walked(INDEXES["last_message_at"])
        if condition.ids:
            others = replace(self, conditions=tuple(c for c in self.conditions if c != condition))
            return others._among(
                f"SELECT DISTINCT id FROM ({condition.ids}) d", condition.ids_params
            )
        return self.walked(INDEXES[condition.column])

    def counted(self, condition: Condition) -> Sql:
        """FROM and WHERE that count the users that meet this condition, some perhaps twice."""
        if condition.ids:
            return f"FROM ({condition.ids}) d", list(condition.ids_params)
        return Selection(self.agent, (condition,)).walked(INDEXES[condition.column])

    def rank(self) -> Sql:
        """0 for users whose username or e-mail is exactly what was typed, 1 for all others."""
        if self.match is None:
            return "1", []
        is_named = "lower(u.username) = %s OR lower(u.email) = %s"
        return f"CASE WHEN {is_named} THEN 0 ELSE 1 END", [self.match.typed] * 2

    def _searched(self, match: search.Match) -> Sql:
        found = f"SELECT end_user_id AS id FROM ledger_search s WHERE {match.candidates}"
        return self._among(found, match.candidate_params, with_words=not match.is_decided)

    def _among(self, ids: str, params: Sequence[Any], with_words: bool = True) -> Sql:
        """FROM and WHERE that test each user of a SELECT of ids."""
        where, own = self._where(with_words)
        return dialect().each_of(ids, "ledger_enduser", where), [*params, *own]

    def _where(self, with_words: bool = True) -> Sql:
        parts = ["u.agent_id = %s"]
        params: list[Any] = [self.agent.id]
        for condition in self.conditions:
            parts.append(condition.sql)
            params += condition.params
        if self.match and with_words:
            parts.append(self.match.decides)
            params += self.match.params
        if self.without:
            parts.append(f"u.id NOT IN ({placeholders(self.without)})")
            params += self.without
        return " AND ".join(parts), params
