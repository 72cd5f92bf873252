"""Dates as people read them, in the active language."""

import datetime as dt
import functools

from django.utils.dateformat import format as write
from django.utils.translation import get_language


def date_text(day: dt.date, pattern: str) -> str:
    """The day in a format of Django's `date` filter: "D j M Y" → "Mon 3 Nov 2026".

    Results are cached, because charts show the same days again and again.
    """
    return _date_text(day, pattern, get_language())


@functools.lru_cache(maxsize=4096)
def _date_text(day: dt.date, pattern: str, language: str | None) -> str:
    return write(day, pattern)
