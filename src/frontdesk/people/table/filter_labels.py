"""Descriptions of a list's filters: the labels above it, and the description of a saved view."""

import zoneinfo
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _

from frontdesk.people.table.columns import COLUMNS
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.users_query import UsersQuery


class FilterLabel(NamedTuple):
    """A description of a filter, and the changes to the query that remove it."""

    text: str
    changes: dict[str, Any]


def describe_filters(query: UsersQuery, names: PlanAndTagNames) -> Iterator[FilterLabel]:
    """Every active filter, the search first."""
    if query.q:
        yield FilterLabel(_("Search: %(text)s") % {"text": query.q}, {"q": ""})
    for name, value in query.filters.items():
        for text, rest in FILTERS[name].describe(value, names):
            filters = {**query.filters, name: rest} if rest is not None else query.without(name)
            yield FilterLabel(text, {"filters": filters})


def describe(address: str, names: PlanAndTagNames) -> str:
    """All filters and the sort of a query string in one sentence."""
    query, _problems = UsersQuery.parse(QueryDict(address), zoneinfo.ZoneInfo("UTC"))
    filters = "; ".join(label.text for label in describe_filters(query, names))
    values = {"filters": filters or _("All users"), "column": COLUMNS[query.sort_name].title}
    if query.descending:
        return _("%(filters)s; sorted by “%(column)s”, descending.") % values
    return _("%(filters)s; sorted by “%(column)s”, ascending.") % values
