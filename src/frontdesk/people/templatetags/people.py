"""How pages about users write what the console's tags do not."""

from django import template

from frontdesk.people.languages import language_name as _language_name

register = template.Library()


@register.filter
def language_name(tag: str) -> str:
    """ "pt-br" → "Brazilian Portuguese"."""
    return _language_name(tag)
