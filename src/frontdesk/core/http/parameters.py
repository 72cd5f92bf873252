"""Reads the parameters of an untrusted query string, and collects invalid ones."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _

from frontdesk.core.formats import decimal_text, parse_decimal

MAX_NUMBER = 2**53
MAX_VALUES = 50


class Problem(NamedTuple):
    """An invalid parameter, which is ignored, and the reason."""

    parameter: str
    text: str


class Range(NamedTuple):
    """From–to, both ends included; None: open."""

    low: int | None = None
    high: int | None = None


class Days(NamedTuple):
    """From–to in days of the reader's time zone, both included; None: open."""

    first: dt.date | None = None
    last: dt.date | None = None


class Reader:
    """Reads parameters, and collects the invalid ones in `problems`."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data
        self.problems: list[Problem] = []

    def slugs(self, name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """All values of a parameter that match the pattern."""
        found = []
        for value in self.data.getlist(name)[:MAX_VALUES]:
            if pattern.fullmatch(value):
                found.append(value)
            else:
                self._ignore(name, _("“%(value)s” is not a valid value") % {"value": value[:40]})
        return tuple(dict.fromkeys(found))

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        value = self.data.get(name, "")
        if not value or value in allowed:
            return value or default
        text = _("“%(value)s” is not one of %(values)s")
        self._ignore(name, text % {"value": value[:40], "values": ", ".join(allowed)})
        return default

    def number(
        self, name: str, default: int | None, low: int = 0, high: int = MAX_NUMBER
    ) -> int | None:
        value = self.data.get(name, "").strip()
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,16}", value) or not low <= int(value) <= high:
            if high < MAX_NUMBER:
                text = _("“%(value)s” is not a whole number from %(low)s to %(high)s")
            else:
                text = _("“%(value)s” is not a whole number of at least %(low)s")
            self._ignore(name, text % {"value": value[:40], "low": low, "high": high})
            return default
        return int(value)

    def decimal(self, name: str, digits: int) -> int | None:
        """A decimal number in units of 10^-digits, exactly: "1.5" with 6 digits is 1500000."""
        value = self.data.get(name, "").strip()
        if not value:
            return None
        number = parse_decimal(value, digits)
        if number is None or number >= 10 ** (9 + digits):
            text = _("“%(value)s” is not a number of at least 0 with at most %(digits)s decimals")
            self._ignore(name, text % {"value": value[:40], "digits": digits})
            return None
        return number

    def size(self, name: str, default: int, maximum: int) -> int:
        value = self.number(name, default, low=1) or default
        if value > maximum:
            text = _("%(value)s is more than %(maximum)s")
            self._ignore(name, text % {"value": value, "maximum": maximum})
            return default
        return value

    def range(self, name: str, digits: int = 0) -> Range:
        """The values of `<name>_min` and `<name>_max`, in units of 10^-digits."""
        ends = (f"{name}_min", f"{name}_max")
        low, high = (self.decimal(e, digits) if digits else self.number(e, None) for e in ends)
        if low is not None and high is not None and low > high:
            text = _("%(value)s is less than %(parameter)s")
            self._ignore(
                ends[1], text % {"value": decimal_text(high, digits), "parameter": ends[0]}
            )
            high = None
        return Range(low, high)

    def days(self, name: str) -> Days:
        """The values of `<name>_from` and `<name>_to`."""
        first, last = self._day(f"{name}_from"), self._day(f"{name}_to")
        if first and last and first > last:
            text = _("%(day)s is before %(parameter)s")
            self._ignore(f"{name}_to", text % {"day": last, "parameter": f"{name}_from"})
            last = None
        return Days(first, last)

    def _day(self, name: str) -> dt.date | None:
        value = self.data.get(name, "").strip()
        if not value:
            return None
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            day = dt.date.min
        if not 1970 < day.year < 9999:
            text = _("“%(value)s” is not a date such as 2026-03-01")
            self._ignore(name, text % {"value": value[:40]})
            return None
        return day

    def _ignore(self, parameter: str, text: str) -> None:
        self.problems.append(Problem(parameter, text))
