"""Reads the parameters of an untrusted query string, and reports what is wrong with them."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple

from django.http import QueryDict

from frontdesk.core.formats import decimal_text, parse_decimal

MAX_NUMBER = 2**53
MAX_VALUES = 50


class Problem(NamedTuple):
    """A parameter that is invalid, and why; it is ignored."""

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
                self._ignore(name, f"“{value[:40]}” is no such value")
        return tuple(dict.fromkeys(found))

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        value = self.data.get(name, "")
        if not value or value in allowed:
            return value or default
        self._ignore(name, f"“{value[:40]}” is not one of {', '.join(allowed)}")
        return default

    def number(
        self, name: str, default: int | None, low: int = 0, high: int = MAX_NUMBER
    ) -> int | None:
        value = self.data.get(name, "").strip()
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,16}", value) or not low <= int(value) <= high:
            end = f"to {high}" if high < MAX_NUMBER else "on"
            self._ignore(name, f"“{value[:40]}” is not a whole number from {low} {end}")
            return default
        return int(value)

    def decimal(self, name: str, digits: int) -> int | None:
        """A number with at most so many decimals, exactly: "1.5" with 6 of them is 1500000."""
        value = self.data.get(name, "").strip()
        if not value:
            return None
        number = parse_decimal(value, digits)
        if number is None or number >= 10 ** (9 + digits):
            self._ignore(
                name, f"“{value[:40]}” is not a number from 0 on with at most {digits} decimals"
            )
            return None
        return number

    def size(self, name: str, default: int, most: int) -> int:
        value = self.number(name, default, low=1) or default
        if value > most:
            self._ignore(name, f"{value} is more than {most}")
            return default
        return value

    def range(self, name: str, digits: int = 0) -> Range:
        """What `<name>_min` and `<name>_max` say, in units of 10^-digits."""
        ends = (f"{name}_min", f"{name}_max")
        low, high = (self.decimal(e, digits) if digits else self.number(e, None) for e in ends)
        if low is not None and high is not None and low > high:
            self._ignore(ends[1], f"{decimal_text(high, digits)} is less than {ends[0]}")
            high = None
        return Range(low, high)

    def days(self, name: str) -> Days:
        """What `<name>_from` and `<name>_to` say."""
        first, last = self._day(f"{name}_from"), self._day(f"{name}_to")
        if first and last and first > last:
            self._ignore(f"{name}_to", f"{last} is before {name}_from")
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
            self._ignore(name, f"“{value[:40]}” is not a date such as 2026-03-01")
            return None
        return day

    def _ignore(self, parameter: str, text: str) -> None:
        self.problems.append(Problem(parameter, text))
