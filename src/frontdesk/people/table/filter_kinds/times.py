"""Filters by times and days."""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from frontdesk.agents.models import Agent
from frontdesk.core.http.parameters import Days, Reader
from frontdesk.people.table import conditions
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.filter_kinds.base import (
    Context,
    Filter,
    Pairs,
    Parameter,
    choice_parameter,
)
from frontdesk.people.table.rows import PlanAndTagNames

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

PRESETS = {"today": 0, "7d": 6, "30d": 29, "90d": 89}
"""How many days before today a period begins, by name in the URL."""

PRESET_LABELS = {
    "today": gettext_lazy("Today"),
    "7d": gettext_lazy("Last 7 days"),
    "30d": gettext_lazy("Last 30 days"),
    "90d": gettext_lazy("Last 90 days"),
}


class Period(NamedTuple):
    """A preset or days; the preset takes precedence."""

    preset: str = ""
    days: Days = Days()


@dataclass(frozen=True)
class PeriodFilter(Filter[Period]):
    """A time in a period: a preset, or from–to in days of the operator's zone (API: UTC)."""

    name: str
    label: "_StrOrPromise"
    column: str
    description: str

    def parse(self, reader: Reader) -> Period | None:
        period = Period(reader.choice(self.name, PRESETS, ""), reader.days(self.name))
        return None if period == Period() else period

    def params(self, value: Period) -> Pairs:
        preset = [(self.name, value.preset)] if value.preset else []
        return [*preset, *_days_params(self.name, value.days)]

    def moments(
        self, value: Period, context: Context
    ) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The period as UTC [from, until)."""
        days = value.days
        if value.preset:
            today = context.now.astimezone(context.zone).date()
            days = Days(today - dt.timedelta(days=PRESETS[value.preset]), None)
        after = days.last + dt.timedelta(days=1) if days.last else None
        return _midnight(days.first, context.zone), _midnight(after, context.zone)

    def conditions(self, value: Period, context: Context) -> list[Condition]:
        low, high = self.moments(value, context)
        ends = [(">=", conditions.after_never(low))] + ([("<", high)] if high else [])
        return [conditions.bounds(self.column, ends)]

    def describe(self, value: Period, names: PlanAndTagNames) -> list[tuple[str, Period | None]]:
        described: list[tuple[str, Period | None]] = []
        if value.preset:
            rest = None if value.days == Days() else Period("", value.days)
            described.append((self.labeled(PRESET_LABELS[value.preset]), rest))
        if value.days != Days():
            rest = Period(value.preset) if value.preset else None
            described.append((self.labeled(_days_text(value.days)), rest))
        return described

    def parameters(self) -> dict[str, Parameter]:
        ago = choice_parameter(f"{self.description}, counted back from today (UTC).", PRESETS)
        return {self.name: ago, **_days_parameters(self.name, f"{self.description}:", "UTC")}

    def precedence(self, value: Period) -> int:
        return 3


@dataclass(frozen=True)
class DaysFilter(Filter[Days]):
    """What a user did on some days of the agent's zone, as in analytics."""

    name: str
    label: "_StrOrPromise"
    condition: Callable[[Agent, Days], Condition]
    description: str
    rank: int
    """See `precedence`."""

    def parse(self, reader: Reader) -> Days | None:
        days = reader.days(self.name)
        return None if days == Days() else days

    def params(self, value: Days) -> Pairs:
        return _days_params(self.name, value)

    def conditions(self, value: Days, context: Context) -> list[Condition]:
        return [self.condition(context.agent, value)]

    def describe(self, value: Days, names: PlanAndTagNames) -> list[tuple[str, Days | None]]:
        return [(self.labeled(_days_text(value)), None)]

    def parameters(self) -> dict[str, Parameter]:
        return _days_parameters(self.name, self.description, "in the agent's zone")

    def precedence(self, value: Days) -> int:
        return self.rank


@dataclass(frozen=True)
class InactiveFilter(Filter[int]):
    """Has written, but not for at least this many days."""

    name: str
    label: "_StrOrPromise"
    maximum: int

    def parse(self, reader: Reader) -> int | None:
        return reader.number(self.name, None, low=1, high=self.maximum)

    def params(self, value: int) -> Pairs:
        return [(self.name, str(value))]

    def since(self, value: int, context: Context) -> dt.datetime:
        """The time after which such a user has not written."""
        return context.now - dt.timedelta(days=value)

    def conditions(self, value: int, context: Context) -> list[Condition]:
        since = self.since(value, context)
        ends = [(">=", conditions.after_never(None)), ("<=", since)]
        return [conditions.bounds("last_message_at", ends)]

    def describe(self, value: int, names: PlanAndTagNames) -> list[tuple[str, int | None]]:
        text = ngettext(
            "Inactive for %(days)s day or more", "Inactive for %(days)s days or more", value
        )
        return [(text % {"days": value}, None)]

    def parameters(self) -> dict[str, Parameter]:
        schema = {"type": "integer", "minimum": 1, "maximum": self.maximum}
        return {self.name: Parameter("Has written, but not for this many days.", schema)}

    def precedence(self, value: int) -> int:
        return 8


def _days_params(name: str, days: Days) -> Pairs:
    ends = (("from", days.first), ("to", days.last))
    return [(f"{name}_{end}", str(day)) for end, day in ends if day is not None]


def _days_parameters(name: str, description: str, zone: str) -> dict[str, Parameter]:
    return {
        f"{name}_from": _day(f"{description} on this day ({zone}) or later."),
        f"{name}_to": _day(f"{description} on this day ({zone}) or before."),
    }


def _days_text(days: Days) -> str:
    ends = {"first": days.first, "last": days.last}
    if days.first and days.first == days.last:
        return _("on %(first)s") % ends
    if days.first and days.last:
        return _("%(first)s to %(last)s") % ends
    return _("from %(first)s") % ends if days.first else _("until %(last)s") % ends


def _midnight(day: dt.date | None, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time.min, zone).astimezone(dt.UTC)


def _day(description: str) -> Parameter:
    return Parameter(description, {"type": "string", "format": "date"})
