"""Filters by numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from frontdesk.core.formats import decimal_text, number
from frontdesk.core.http.parameters import Range, Reader
from frontdesk.people.table import conditions
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.filter_kinds.base import Context, Filter, Pairs, Parameter
from frontdesk.people.table.rows import PlanAndTagNames

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class RangeFilter(Filter[Range]):
    """A range of numbers, in units of 10^-digits. It uses the index of the column's sort.

    A number that is not a column has its own condition.
    """

    name: str
    label: "_StrOrPromise"
    column: str
    description: str
    digits: int = 0
    currency: str = ""
    condition: Callable[[list[tuple[str, int]]], Condition] | None = None

    def parse(self, reader: Reader) -> Range | None:
        span = reader.range(self.name, self.digits)
        return None if span == Range() else span

    def params(self, value: Range) -> Pairs:
        ends = (("min", value.low), ("max", value.high))
        return [
            (f"{self.name}_{end}", decimal_text(each, self.digits))
            for end, each in ends
            if each is not None
        ]

    def conditions(self, value: Range, context: Context) -> list[Condition]:
        both = ((">=", value.low), ("<=", value.high))
        ends = [(comparison, each) for comparison, each in both if each is not None]
        return [self.condition(ends) if self.condition else conditions.bounds(self.column, ends)]

    def describe(self, value: Range, names: PlanAndTagNames) -> list[tuple[str, Range | None]]:
        low, high = self._amount(value.low), self._amount(value.high)
        if low and high and low != high:
            text = _("%(low)s to %(high)s") % {"low": low, "high": high}
        elif low and high:
            text = _("exactly %(number)s") % {"number": low}
        elif low:
            text = _("%(number)s or more") % {"number": low}
        else:
            text = _("at most %(number)s") % {"number": high}
        return [(self.labeled(text), None)]

    def parameters(self) -> dict[str, Parameter]:
        schema: dict[str, Any] = {"type": "integer", "minimum": 0}
        if self.digits:
            schema = {"type": "number", "minimum": 0, "multipleOf": 10**-self.digits}
        return {
            f"{self.name}_min": Parameter(f"{self.description} at least.", schema),
            f"{self.name}_max": Parameter(f"{self.description} at most.", schema),
        }

    def precedence(self, value: Range) -> int:
        """Fewer users match "at least": most have written little."""
        return 6 if value.low is not None else 7

    def _amount(self, value: int | None) -> str:
        if value is None:
            return ""
        text = decimal_text(value, self.digits) if self.digits else number(value)
        return self.currency + text
