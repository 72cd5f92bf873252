"""Which languages the users speak."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.languages import language_name
from frontdesk.ledger.models import FacetCount

MAX_SHOWN = 12

_LANGUAGE = FacetCount.Facet.LANGUAGE.value


@dataclass(frozen=True)
class Language:
    """Users of one language, or of all the others."""

    title: str
    users: int
    share: float
    """Of all users."""
    link: str = ""


@dataclass(frozen=True)
class Languages:
    """The languages of the users there are, the most frequent first."""

    scope: Scope
    users: Sequence[tuple[str, int]]
    """By language tag."""

    @property
    def total(self) -> int:
        return sum(users for _, users in self.users)

    @property
    def rows(self) -> list[Language]:
        """The first `MAX_SHOWN`; the others are one."""
        shown, others = self.users[:MAX_SHOWN], self.users[MAX_SHOWN:]
        named = [(language_name(tag), users, self._link(tag)) for tag, users in shown]
        if others:
            named.append((f"{len(others)} others", sum(users for _, users in others), ""))
        return [Language(title, n, n / self.total, link) for title, n, link in named]

    @property
    def table(self) -> Table:
        """All of them."""
        heads = [
            Head("Language"),
            Head("Tag"),
            Head("Users", "number"),
            Head("Share", "percent"),
        ]
        rows: list[list[Cell]] = [
            [language_name(tag), tag, n, n / self.total] for tag, n in self.users
        ]
        return Table(heads, rows, [["", "", self._link(tag), ""] for tag, _ in self.users])

    def _link(self, tag: str) -> str:
        return users_url(self.scope, language=tag)


def load(scope: Scope, query: AnalyticsQuery) -> Languages:
    """Of all platforms: there is no count of both together."""
    everywhere = Scope(scope.agents)
    rows = FacetCount.objects.filter(everywhere.rows, facet=_LANGUAGE, users__gt=0)
    counts = rows.values_list("value").annotate(total=Sum("users"))
    return Languages(everywhere, list(counts.order_by("-total", "value")))
