"""The order of day, month and year, which only the whole file can tell."""

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.whatsapp.headers import Header

FIRST_YEAR = 2009
"""WhatsApp's own."""

_Date = tuple[int, int, int]
ORDERS: dict[str, Callable[[_Date], _Date]] = {
    "dmy": lambda date: (date[2], date[1], date[0]),
    "mdy": lambda date: (date[2], date[0], date[1]),
    "ymd": lambda date: date,
}
"""By name: how to make year, month and day of a date's three numbers."""


def date_of(header: Header, order: str) -> dt.date:
    """Raises ValueError if there is no such date."""
    year, month, day = ORDERS[order](header.date)
    return dt.date(year + 2000 if year < 100 else year, month, day)


class DateEvidence:
    """What the dates of a file say about their order.

    An order is possible while each date exists and is not in the future. Of several, the one in
    which no message is older than the one before it is right.
    """

    def __init__(self) -> None:
        self._latest = timezone.now().date() + dt.timedelta(days=1)
        self._impossible: dict[str, str] = {}
        self._last: dict[str, dt.date] = {}
        self._steps_back = dict.fromkeys(ORDERS, 0)
        self._is_long = self._has_dots = True

    def observe(self, header: Header) -> None:
        self._is_long = self._is_long and header.has_long_year_first
        self._has_dots = self._has_dots and header.has_dots
        for order in ORDERS.keys() - self._impossible.keys():
            try:
                date = date_of(header, order)
            except ValueError:
                date = dt.date.min
            if date.year < FIRST_YEAR or date > self._latest:
                self._impossible[order] = "-".join(map(str, header.date))
                continue
            self._steps_back[order] += date < self._last.get(order, date)
            self._last[order] = date

    def order(self) -> str:
        """The order of the file's dates. Raises ImportFileError if the file cannot tell."""
        possible = [order for order in ORDERS if order not in self._impossible]
        if self._is_long and "ymd" in possible:
            return "ymd"
        # A year of two digits is first only where nothing else is possible.
        likely = [order for order in possible if order != "ymd"] or possible
        if self._has_dots and "dmy" in likely:  # no country writes the month first with dots
            return "dmy"
        steady = [order for order in likely if not self._steps_back[order]]
        found = likely if len(likely) == 1 else steady
        if len(found) == 1:
            return found[0]
        if not possible:
            dates = ", ".join(dict.fromkeys(self._impossible.values()))
            raise ImportFileError(
                f"The dates of this file contradict each other ({dates}): say their order with"
                " --date-order dmy, mdy or ymd, and see with --dry-run what is rejected"
            )
        raise ImportFileError(
            "The dates of this file can be read with the day or the month first. Say which with"
            " --date-order dmy or --date-order mdy"
        )
