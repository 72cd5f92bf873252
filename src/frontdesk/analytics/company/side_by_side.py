"""The figures of the agents side by side, with their change since the previous period."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks.figure import Figure
from frontdesk.analytics.blocks.figures import (
    IN_PERSONS,
    counted_groups,
    note_of,
    persons_of,
    persons_title,
    values_of,
)
from frontdesk.analytics.blocks.meanings import MEANINGS
from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.buckets import users_by
from frontdesk.analytics.company.agent_sums import sums_by_agent
from frontdesk.analytics.company.query import COLUMNS, CompanyQuery
from frontdesk.analytics.persons import Linked, linked_by_agent
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Sums
from frontdesk.core.text import Text


@dataclass(frozen=True)
class Counted:
    """The sums and the distinct users of one period."""

    sums: Sums
    users: int

    @classmethod
    def total(cls, parts: Sequence["Counted"]) -> "Counted":
        sums = Sums()
        for part in parts:
            sums.add(part.sums)
        return cls(sums, sum(part.users for part in parts))


@dataclass(frozen=True)
class AgentRow:
    """One agent, or all of them together."""

    name: str
    now: Counted
    before: Counted
    linked: Linked | None
    """Of `counted_groups`. None: unknown."""
    agent: Agent | None = None
    """None: all of them."""

    @property
    def figures(self) -> list[Figure]:
        """The figure of each column."""
        now = values_of(self.now.sums, self.now.users)
        before = values_of(self.before.sums, self.before.users)
        has_before = any(vars(self.before.sums).values())
        return [
            Figure(
                *(key, *MEANINGS[key], now[key], before[key], has_before),
                (),
                "",
                note_of(key, now, self.now.sums, self.linked),
                *persons_of(key, now, before, self.linked),
            )
            for key in COLUMNS
        ]


class SortHead(NamedTuple):
    """The head of a column, with the link that sorts by it. `aria_sort` is empty unless it is the
    current order."""

    key: str
    title: Text
    definition: Text
    url: str
    aria_sort: str


@dataclass(frozen=True)
class SideBySide:
    """The agents in the order of the query, and their total."""

    query: CompanyQuery
    rows: Sequence[AgentRow]
    total: AgentRow

    @property
    def heads(self) -> list[SortHead]:
        """Names are sorted ascending first, numbers descending. Another click reverses it."""
        return [
            _sort_head(self.query, "name", _("Agent"), "", "name"),
            *(
                _sort_head(
                    self.query, key, MEANINGS[key].title, MEANINGS[key].definition, f"-{key}"
                )
                for key in COLUMNS
            ),
        ]

    @property
    def one_agent_query(self) -> str:
        """The query string of the same days for one agent."""
        return urlencode(self.query.of_one_agent())

    @property
    def archived_url(self) -> str:
        """The address that shows or hides archived agents."""
        return f"?{urlencode(self.query.params(archived=not self.query.archived))}"

    @property
    def table(self) -> Table:
        heads = [Head(_("Agent"))]
        for key in COLUMNS:
            title, kind = str(MEANINGS[key].title), MEANINGS[key].kind
            heads += [
                Head(title, kind),
                Head(_before(title), kind),
            ]
        for key in IN_PERSONS:
            title = persons_title(key)
            heads += [Head(title, "number"), Head(_before(title), "number")]
        return Table(heads, [_table_row(row) for row in self.rows])


def load(scope: Scope, query: CompanyQuery) -> SideBySide:
    periods = (query.period.before, query.period)
    sums = [sums_by_agent(scope, period) for period in periods]
    users = users_by("agent_id", scope, periods)
    linked = linked_by_agent(scope.agents, counted_groups(query.period), scope.platform)
    rows = []
    for agent in scope.agents:
        before, now = (
            Counted(of_period[agent.id], number)
            for of_period, number in zip(sums, users[agent.id], strict=True)
        )
        own = None if linked is None else linked.get(agent.id, Linked())
        rows.append(AgentRow(agent.name, now, before, own, agent))
    total = AgentRow(
        _("All agents"),
        Counted.total([row.now for row in rows]),
        Counted.total([row.before for row in rows]),
        None if linked is None else Linked.total(linked.values()),
    )
    return SideBySide(query, _sorted(rows, query.sort), total)


def _sort_head(
    query: CompanyQuery, key: str, title: Text, definition: Text, first: str
) -> SortHead:
    chosen = query.sort.removeprefix("-") == key
    down = query.sort.startswith("-")
    other = key if down else f"-{key}"
    url = f"?{urlencode(query.params(sort=other if chosen else first))}"
    return SortHead(key, title, definition, url, ("descending" if down else "ascending") * chosen)


def _sorted(rows: Sequence[AgentRow], sort: str) -> list[AgentRow]:
    """By the column, then by name. Unknown values come last in both directions."""
    key, down = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(rows, key=lambda row: (row.name.casefold(), str(row.agent and row.agent.id)))
    if key == "name":
        return by_name[::-1] if down else by_name

    def sort_key(row: AgentRow) -> tuple[bool, float]:
        value = values_of(row.now.sums, row.now.users)[key]
        return value is None, (value or 0) * (-1 if down else 1)

    return sorted(by_name, key=sort_key)


def _table_row(row: AgentRow) -> list[Cell]:
    figures = row.figures
    counted = [each for each in figures if each.key in IN_PERSONS]
    return [
        row.name,
        *(value for each in figures for value in (each.value, each.before)),
        *(value for each in counted for value in (each.persons, each.persons_before)),
    ]


def _before(title: str) -> str:
    return _("%(title)s (previous period)") % {"title": title}
