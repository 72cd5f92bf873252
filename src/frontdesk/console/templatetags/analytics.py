"""How analytics writes its values."""

import datetime as dt

from django import template

from frontdesk.analytics.query import Period
from frontdesk.analytics.words import period_words
from frontdesk.core.formats import length, number
from frontdesk.core.money import money

register = template.Library()


@register.filter
def shown(value: float | str | None, kind: str) -> str:
    """A value as its kind is read; kinds are those of `analytics.blocks.table.Head`.

    What is not known is a dash.
    """
    if value is None:
        return "—"
    if isinstance(value, str):
        return _day(value) if kind == "day" else value
    match kind:
        case "money":
            return money(round(value))
        case "percent":
            return f"{value:.1%}" if abs(value) < 0.0995 and value else f"{value:.0%}"
        case "duration":
            return length(value)
        case "decimal":
            return f"{value:,.1f}"
        case _:
            return number(round(value))


def _day(iso: str) -> str:
    day = dt.date.fromisoformat(iso)
    return period_words(Period(day, day))
