"""The fields of the filters on the Users page: each kind of filter has its form and template."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.core.formats import decimal_text
from frontdesk.core.http.parameters import Days, Range
from frontdesk.ledger.models import FacetCount
from frontdesk.people.table.filter_kinds.base import Filter
from frontdesk.people.table.filter_kinds.choices import (
    TAG_MODES,
    ChoiceFilter,
    FacetFilter,
    TagFilter,
    Tags,
)
from frontdesk.people.table.filter_kinds.numbers import RangeFilter
from frontdesk.people.table.filter_kinds.times import (
    PRESET_LABELS,
    DaysFilter,
    InactiveFilter,
    Period,
    PeriodFilter,
)
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.users_query import UsersQuery

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MAX_CHOICES = 60
"""How many values of a facet its filter offers."""


class Choice(NamedTuple):
    """A value of a filter: its label, how many users have it, and whether it is chosen."""

    value: str
    word: str
    users: int
    chosen: bool


class FilterField(NamedTuple):
    """A filter's part of the form: its template and the template's values."""

    template: str
    name: str
    label: "_StrOrPromise"
    context: dict[str, Any]


def filter_fields(agent: Agent, query: UsersQuery, names: PlanAndTagNames) -> list[FilterField]:
    """The fields of all filters, with the values that are in force."""
    choices = facet_choices(agent, query, names)
    return [_field(each, query.filters.get(name), agent, choices) for name, each in FILTERS.items()]


def facet_choices(
    agent: Agent, query: UsersQuery, names: PlanAndTagNames
) -> dict[str, list[Choice]]:
    """The values of each facet's filter, most frequent first, always including chosen ones."""
    users: dict[str, dict[str, int]] = {}
    for facet, value, count in _most_frequent(agent):
        users.setdefault(facet, {})[value] = count
    return {
        name: [
            Choice(key, each.word(key, names), users.get(each.facet, {}).get(key, 0), key in chosen)
            for key in dict.fromkeys((*users.get(each.facet, {}), *chosen))
        ]
        for name, each in FILTERS.items()
        if isinstance(each, FacetFilter | TagFilter)
        for chosen in [each.chosen(query.filters.get(name))]
    }


def _most_frequent(agent: Agent) -> Iterable[tuple[str, str, int]]:
    """The most frequent values of each facet: reporters may send any number of them."""
    place = Window(RowNumber(), partition_by="facet", order_by=("-users", "value"))
    found = FacetCount.objects.filter(agent=agent, users__gt=0).annotate(place=place)
    shown = found.filter(place__lte=MAX_CHOICES).order_by("facet", "place")
    return shown.values_list("facet", "value", "users")


def _field(
    each: Filter[Any], value: Any, agent: Agent, choices: dict[str, list[Choice]]
) -> FilterField:
    kind, context = _shown(each, value, agent, choices)
    return FilterField(f"users/filters/{kind}.html", each.name, each.label, context)


def _shown(
    each: Filter[Any], value: Any, agent: Agent, choices: dict[str, list[Choice]]
) -> tuple[str, dict[str, Any]]:
    match each:
        case FacetFilter():
            return "values", {"choices": choices[each.name]}
        case TagFilter():
            mode = (value or Tags(())).mode
            modes = [(key, word, key == mode) for key, word in TAG_MODES.items()]
            return "tags", {
                "choices": choices[each.name],
                "modes": modes,
                "mode_name": each.mode_name,
            }
        case ChoiceFilter():
            options = [(key, option.word, key == value) for key, option in each.options.items()]
            return "options", {"options": options, "any": _("Any"), "is_any": not value}
        case PeriodFilter():
            period = value or Period()
            options = [(key, word, key == period.preset) for key, word in PRESET_LABELS.items()]
            return "period", {
                "options": options,
                "any": _("Any time, or the dates below"),
                "is_any": not period.preset,
                "days": period.days,
                "zone": timezone.get_current_timezone_name(),
            }
        case DaysFilter():
            return "days", {"days": value or Days(), "zone": agent.time_zone}
        case InactiveFilter():
            shown = {"value": value or "", "maximum": each.maximum}
            return "inactive", {name: str(number) for name, number in shown.items()}
        case RangeFilter():
            return "range", _range(each, value or Range())
        case _:
            raise TypeError(f"no form shows a {type(each).__name__}")


def _range(each: RangeFilter, span: Range) -> dict[str, Any]:
    low, high = ("" if end is None else decimal_text(end, each.digits) for end in span)
    legend = each.label
    if each.currency:
        legend = _("%(filter)s, in dollars") % {"filter": each.label}
    return {"legend": legend, "low": low, "high": high, "step": "any" if each.digits else "1"}
