"""Filters for pages about users."""

from django import template

from frontdesk.agents.limits import LimitKind
from frontdesk.core.formats import length as _length
from frontdesk.core.languages import language_name as _language_name

register = template.Library()


@register.filter
def language_name(tag: str) -> str:
    """ "pt-br" → "Brazilian Portuguese"."""
    return _language_name(tag)


@register.filter
def amount(value: int, kind: LimitKind) -> str:
    """An amount of what a limit counts: dollars for costs, otherwise a plain number."""
    return kind.quantity.write(value)


@register.filter
def long(seconds: float) -> str:
    """4500 → "1 h 15 min"."""
    return _length(seconds)


@register.filter
def latency(milliseconds: int) -> str:
    """1234 → "1.2 s"."""
    return f"{milliseconds:,} ms" if milliseconds < 1000 else f"{milliseconds / 1000:,.1f} s"
