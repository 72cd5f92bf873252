"""The figures of the agents side by side, with what has changed since the period before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.company import counts
from frontdesk.analytics.company.query import CompanyQuery
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Sums

Value = int | float | None


@dataclass(frozen=True)
class Figures:
    """What one agent had in one period. `users` are distinct on each platform."""

    users: int
    sums: Sums

    @property
    def cost(self) -> int | None:
        """Micro-dollars; None where all usage is without a known price: that is not $0."""
        return None if self.sums.unpriced_messages and not self.sums.cost else self.sums.cost

    @property
    def cost_per_user(self) -> float | None:
        return None if self.cost is None or not self.users else self.cost / self.users

    @property
    def failed(self) -> float | None:
        """The share of the answers that failed."""
        answers = self.sums.chat_messages - self.sums.messages_sent
        return self.sums.failed_messages / answers if answers else None


@dataclass(frozen=True)
class Column:
    """A figure; its key is what `CompanyQuery.sort` calls it."""

    key: str
    head: Head
    definition: str
    value: Callable[[Figures], Value]


COLUMNS = (
    Column(
        "users",
        Head("Active users", "number"),
        "Users who sent a message in the period; each counts once, on each agent and platform.",
        lambda figures: figures.users,
    ),
    Column(
        "new",
        Head("New users", "number"),
        "Users whose first message ever is in the period.",
        lambda figures: figures.sums.new_users,
    ),
    Column(
        "sessions",
        Head("Sessions", "number"),
        "Dialogues that began in the period.",
        lambda figures: figures.sums.sessions,
    ),
    Column(
        "sent",
        Head("Sent messages", "number"),
        "Messages that users sent to the agent.",
        lambda figures: figures.sums.messages_sent,
    ),
    Column(
        "cost",
        Head("Cost", "money"),
        "What serving the users cost. Usage without a known price is counted apart.",
        lambda figures: figures.cost,
    ),
    Column(
        "each",
        Head("Cost per active user", "money"),
        "The cost of the period divided by its active users.",
        lambda figures: figures.cost_per_user,
    ),
    Column(
        "failed",
        Head("Answers failed", "percent"),
        "The share of the agent's answers that ended with an error.",
        lambda figures: figures.failed,
    ),
    Column(
        "refused",
        Head("Refused", "number"),
        "Messages that the gate refused: of blocked users, over a limit, or without access.",
        lambda figures: figures.sums.refused,
    ),
)


@dataclass(frozen=True)
class Compared:
    """A value, and what it was in the period before."""

    column: Column
    now: Value
    before: Value

    @property
    def is_more(self) -> bool:
        return (self.now or 0) > (self.before or 0)

    @property
    def change(self) -> str:
        """In words: of a share in points, else as a share of what was before or, from ten times
        on, how many times as much. Empty where nothing has changed, or there was nothing."""
        if not self.now or not self.before or self.now == self.before:
            return ""
        if self.column.head.kind == "percent":
            return f"{100 * (self.now - self.before):+.1f} points"
        times = self.now / self.before
        return f"{times:,.0f} times" if times >= _MANY else f"{times - 1:+.0%}"


_MANY = 10


@dataclass(frozen=True)
class AgentRow:
    """One agent, or all of them together."""

    name: str
    now: Figures
    before: Figures
    agent: Agent | None = None
    url: str = ""
    """The same days of this agent alone."""

    @property
    def cells(self) -> list[Compared]:
        return [Compared(c, c.value(self.now), c.value(self.before)) for c in COLUMNS]


class SortHead(NamedTuple):
    """The head of a column, which sorts by it; `aria_sort` is empty unless it does so now."""

    key: str
    title: str
    definition: str
    url: str
    aria_sort: str


@dataclass(frozen=True)
class SideBySide:
    """The agents in the order of the query, and their sums."""

    query: CompanyQuery
    rows: Sequence[AgentRow]
    together: AgentRow

    @property
    def heads(self) -> list[SortHead]:
        """Names go up at first, numbers down; another click turns the order round."""
        return [
            _sort_head(self.query, "name", "Agent", "", "name"),
            *(
                _sort_head(self.query, c.key, c.head.title, c.definition, f"-{c.key}")
                for c in COLUMNS
            ),
        ]

    @property
    def archived_url(self) -> str:
        """Where archived agents are shown, or are no more."""
        return f"?{urlencode(self.query.params(archived=not self.query.archived))}"

    @property
    def table(self) -> Table:
        heads = [Head("Agent")]
        for column in COLUMNS:
            title, kind = column.head
            heads += [column.head, Head(f"{title} before", kind)]
        return Table(heads, [_table_row(row) for row in self.rows])


def load(scope: Scope, query: CompanyQuery) -> SideBySide:
    before, now = (counts.sums(scope, p) for p in (query.period.before, query.period))
    users = counts.distinct(scope, [query.period.before, query.period])
    address = urlencode(query.of_one_agent())
    rows = []
    for agent in scope.agents:
        url = reverse("analytics:agent", args=[agent.id]) + (f"?{address}" if address else "")
        in_both = [
            Figures(users[agent.id][place], found[agent.id])
            for place, found in enumerate((before, now))
        ]
        rows.append(AgentRow(agent.name, in_both[1], in_both[0], agent, url))
    together = AgentRow(
        "All agents", _added([row.now for row in rows]), _added([row.before for row in rows])
    )
    return SideBySide(query, _sorted(rows, query.sort), together)


def _sort_head(query: CompanyQuery, key: str, title: str, definition: str, first: str) -> SortHead:
    chosen = query.sort.removeprefix("-") == key
    down = query.sort.startswith("-")
    other = key if down else f"-{key}"
    url = f"?{urlencode(query.params(sort=other if chosen else first))}"
    return SortHead(key, title, definition, url, ("descending" if down else "ascending") * chosen)


def _sorted(rows: Sequence[AgentRow], sort: str) -> list[AgentRow]:
    """By name, then by the column. What is not known comes last, up and down."""
    key, down = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(rows, key=lambda row: (row.name.casefold(), row.agent and row.agent.id))
    if key == "name":
        return by_name[::-1] if down else by_name
    value = next(column.value for column in COLUMNS if column.key == key)

    def place(row: AgentRow) -> tuple[bool, int | float]:
        number = value(row.now)
        return number is None, (-1 if down else 1) * (number or 0)

    return sorted(by_name, key=place)


def _added(parts: Sequence[Figures]) -> Figures:
    sums = Sums()
    for part in parts:
        sums.add(part.sums)
    return Figures(sum(part.users for part in parts), sums)


def _table_row(row: AgentRow) -> list[Cell]:
    return [row.name, *(value for cell in row.cells for value in (cell.now, cell.before))]
