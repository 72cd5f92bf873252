"""The languages of the users."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    """The users of one language, or of all languages that are not shown."""

    title: str
    users: int
    share: float
    """Of all users."""
    link: str = ""


@dataclass(frozen=True)
class Languages:
    """The languages of the current users, most frequent first."""

    scope: Scope
    users: Sequence[tuple[str, int]]
    """By base language: those of all its regions."""

    @property
    def total(self) -> int:
        return sum(users for tag, users in self.users)

    @property
    def rows(self) -> list[Language]:
        """The first `MAX_SHOWN`. The others are shown as one."""
        shown, others = self.users[:MAX_SHOWN], self.users[MAX_SHOWN:]
        named = [(language_name(tag), users, self._link(tag)) for tag, users in shown]
        if others:
            title = ngettext("%(count)s other", "%(count)s others", len(others))
            rest = sum(users for tag, users in others)
            named.append((title % {"count": len(others)}, rest, ""))
        return [Language(title, n, n / self.total, link) for title, n, link in named]

    @property
    def table(self) -> Table:
        """All languages."""
        heads = [
            Head(_("Language")),
            Head(_("Tag")),
            Head(_("Users"), "number"),
            Head(_("Share"), "percent"),
        ]
        rows: list[list[Cell]] = [
            [language_name(tag), tag, n, n / self.total] for tag, n in self.users
        ]
        return Table(heads, rows, [["", "", self._link(tag), ""] for tag, users in self.users])

    def _link(self, tag: str) -> str:
        return users_url(self.scope, language=tag)


def load(scope: Scope, query: AnalyticsQuery) -> Languages:
    """Of all platforms: no rollup counts languages by platform."""
    everywhere = replace(scope, platform="")
    rows = FacetCount.objects.filter(everywhere.rows, facet=_LANGUAGE, users__gt=0)
    counts = rows.values_list("value").annotate(total=Sum("users"))
    return Languages(everywhere, list(counts.order_by("-total", "value")))
