"""How the console writes icons, times, numbers, money, platforms and avatars."""

import datetime as dt
import hashlib

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frontdesk.console.sheets import SHEET_PAGE
from frontdesk.core.formats import number
from frontdesk.core.money import money
from frontdesk.core.platforms import platform_icon, platform_of, platform_word
from frontdesk.ledger.models import NEVER

register = template.Library()
for write in (number, money, platform_icon, platform_word):
    register.filter(write)


HUES = 10
"""How many avatar colours console.css has: hue-0 … hue-9."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: put a word, or a label, beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def platform(slug: str) -> SafeString:
    """The platform's icon and word."""
    return format_html(
        '<span class="platform">{}<span>{}</span></span>',
        icon(platform_icon(slug), "icon-sm"),
        platform_word(slug),
    )


@register.filter
def profile_url(platform_key: str, username: str) -> str:
    """The public profile of a username on its platform, or "" where there is none."""
    return platform_of(platform_key).profile_url(username)


@register.filter
def ago(value: dt.datetime | None, now: dt.datetime | None = None) -> SafeString | str:
    """How long ago, in the active (the operator's) zone, exact on hover; console.js keeps it true.

    None and NEVER are "never".
    """
    if value is None or value <= NEVER:
        return "never"
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" data-ago title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        exact(value),
        relative(((now or timezone.now()) - value).total_seconds()),
    )


@register.filter
def exact(value: dt.datetime | None) -> str:
    """Such as "Mon 3 Nov 2026, 14:03:22 (Europe/Berlin)", in the active zone."""
    if value is None or value <= NEVER:
        return "never"
    local = timezone.localtime(value)
    zone = timezone.get_current_timezone_name()
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S} ({zone})"


def relative(seconds: float) -> str:
    """Short words for an age in seconds. console.js has the same steps: change both."""
    if seconds < -_MINUTE:
        return "in the future"
    if seconds < _MINUTE:
        return "just now"
    for size, limit, unit in (
        (_MINUTE, _HOUR, "min"),
        (_HOUR, _DAY, "h"),
        (_DAY, 30 * _DAY, "d"),
        (30 * _DAY, 365 * _DAY, "mo"),
    ):
        if seconds < limit:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds // (365 * _DAY))} y ago"


@register.simple_tag
def avatar(key: object, name: str, emoji: str = "", css: str = "") -> SafeString:
    """A round picture made of an emoji or the name's initials, its colour made of the key.

    It repeats the name that stands beside it, so screen readers skip it.
    """
    return format_html(
        '<span class="avatar hue-{} {} {}" aria-hidden="true">{}</span>',
        hue(key),
        "avatar-emoji" if emoji else "",
        css,
        emoji or initials(name),
    )


def hue(key: object) -> int:
    """The same colour for the same key in every process (hash() is not: it is salted)."""
    return hashlib.sha256(str(key).encode()).digest()[0] % HUES


def initials(name: str) -> str:
    """First letters of the first and last word: "Ada Lovelace" → AL; leading signs are skipped."""
    words = [word for part in name.split() if (word := part.lstrip("@#.,-_()[]\"'«»“”"))]
    chosen = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in chosen).upper() or "?"


@register.simple_tag(takes_context=True)
def sheet(context: Context, url: str) -> SafeString:
    """The attributes of a link that opens this page's form in the dialog: see console.sheets."""
    return format_html('href="{}"{}', url, _in_dialog(context, "get", url))


@register.simple_tag(takes_context=True)
def sheet_get(context: Context, url: str) -> SafeString:
    """The attributes of a form in a sheet that only asks, such as a search."""
    return format_html('method="get" action="{}"{}', url, _in_dialog(context, "get", url))


@register.simple_tag(takes_context=True)
def sheet_post(context: Context, url: str) -> SafeString:
    """The attributes of a form in a sheet: sent in place, or as a page's form without script.

    While one answer is awaited the form is not sent again.
    """
    in_dialog = _in_dialog(context, "post", url)
    sync = SafeString(' hx-sync="this:drop"') if in_dialog else ""
    return format_html('method="post" action="{}"{}{}', url, in_dialog, sync)


def _in_dialog(context: Context, verb: str, url: str) -> SafeString:
    """Nothing where the sheet is a page of its own: no page lies beneath it to come back to."""
    if context.get("sheet_base") == SHEET_PAGE:
        return SafeString("")
    return format_html(
        ' hx-{}="{}" hx-target="#sheet-body" hx-swap="innerHTML" hx-push-url="false"', verb, url
    )


@register.simple_tag
def badge(text: str, colour: str = "grey", icon_name: str = "", told: bool = False) -> SafeString:
    """A word in the colour of its plan or tag; `told`: by a reporter, so in no colour."""
    return format_html(
        '<span class="badge-colour {}" title="{}">{}<bdi>{}</bdi></span>',
        "badge-told" if told else f"colour-{colour}",
        f"{text} (told by a reporter)" if told else text,
        icon(icon_name) if icon_name else "",
        text,
    )


@register.filter
def control(field: BoundField) -> SafeString:
    """The form field's widget in the console's look; labels and errors are console/field.html's."""
    kind = "form-select" if isinstance(field.field.widget, Select) else "form-control"
    plain = isinstance(field.field.widget, RadioSelect | CheckboxInput)
    return field.as_widget(attrs={} if plain else {"class": kind})
