"""Tags and filters of the console: icons, times, numbers, money, platforms, avatars, sheets."""

import datetime as dt
import hashlib

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.console.sheets import SHEET_PAGE
from frontdesk.core.formats import number
from frontdesk.core.money import money
from frontdesk.core.platforms import platform_icon, platform_of, platform_word
from frontdesk.ledger.models import NEVER

register = template.Library()
for write in (number, money, platform_icon, platform_word):
    register.filter(write)


HUES = 10
"""The number of avatar colors in console.css: hue-0 … hue-9."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_AGES = (
    (_MINUTE, _HOUR, gettext_lazy("%(count)s min ago")),
    (_HOUR, _DAY, gettext_lazy("%(count)s h ago")),
    (_DAY, 30 * _DAY, gettext_lazy("%(count)s d ago")),
    (30 * _DAY, 365 * _DAY, gettext_lazy("%(count)s mo ago")),
)
"""For ages below the second number of seconds: the unit's seconds, and the text."""


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: put a word or a label next to it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def platform(slug: str) -> SafeString:
    """The platform's icon and name."""
    return format_html(
        '<span class="platform">{}<span>{}</span></span>',
        icon(platform_icon(slug), "icon-sm"),
        platform_word(slug),
    )


@register.filter
def profile_url(platform_key: str, username: str) -> str:
    """The public profile of a username on its platform, or "" if there is none."""
    return platform_of(platform_key).profile_url(username)


@register.filter
def ago(value: dt.datetime | None, now: dt.datetime | None = None) -> SafeString | str:
    """How long ago, with the exact time in the active zone on hover. console.js keeps it current.

    "never" for None and NEVER.
    """
    if value is None or value <= NEVER:
        return _("never")
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" data-ago title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        exact(value),
        relative(((now or timezone.now()) - value).total_seconds()),
    )


@register.filter
def exact(value: dt.datetime | None) -> str:
    """In the active zone, such as "Mon 3 Nov 2026, 14:03:22 (Europe/Berlin)"."""
    if value is None or value <= NEVER:
        return _("never")
    local = timezone.localtime(value)
    zone = timezone.get_current_timezone_name()
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S} ({zone})"


def relative(seconds: float) -> str:
    """A short text for an age in seconds. console.js has the same steps: change both."""
    if seconds < -_MINUTE:
        return _("in the future")
    if seconds < _MINUTE:
        return _("just now")
    for size, limit, text in _AGES:
        if seconds < limit:
            return str(text) % {"count": int(seconds // size)}
    return _("%(count)s y ago") % {"count": int(seconds // (365 * _DAY))}


@register.simple_tag
def avatar(key: object, name: str, emoji: str = "", css: str = "") -> SafeString:
    """A round picture with an emoji or the name's initials, in a color derived from the key.

    It repeats the name next to it, so screen readers skip it.
    """
    return format_html(
        '<span class="avatar hue-{} {} {}" aria-hidden="true">{}</span>',
        hue(key),
        "avatar-emoji" if emoji else "",
        css,
        emoji or initials(name),
    )


def hue(key: object) -> int:
    """The same color for the same key in every process, unlike hash(), which is salted."""
    return hashlib.sha256(str(key).encode()).digest()[0] % HUES


def initials(name: str) -> str:
    """First letters of the first and last word: "Ada Lovelace" → AL. Ignores leading signs."""
    words = [word for part in name.split() if (word := part.lstrip("@#.,-_()[]\"'«»“”"))]
    chosen = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in chosen).upper() or "?"


@register.simple_tag(takes_context=True)
def sheet(context: Context, url: str) -> SafeString:
    """The attributes of a link that opens this page's form in the dialog; see console.sheets."""
    return format_html('href="{}"{}', url, _in_dialog(context, "get", url))


@register.simple_tag(takes_context=True)
def sheet_get(context: Context, url: str) -> SafeString:
    """The attributes of a form in a sheet that changes nothing, such as a search."""
    return format_html('method="get" action="{}"{}', url, _in_dialog(context, "get", url))


@register.simple_tag(takes_context=True)
def sheet_post(context: Context, url: str) -> SafeString:
    """The attributes of a form in a sheet, sent in place or, without JavaScript, as a page's form.

    The form cannot be sent again while it waits for the response.
    """
    in_dialog = _in_dialog(context, "post", url)
    sync = SafeString(' hx-sync="this:drop"') if in_dialog else ""
    return format_html('method="post" action="{}"{}{}', url, in_dialog, sync)


def _in_dialog(context: Context, verb: str, url: str) -> SafeString:
    """Empty if the sheet is a separate page, because there is no page beneath to return to."""
    if context.get("sheet_base") == SHEET_PAGE:
        return SafeString("")
    return format_html(
        ' hx-{}="{}" hx-target="#sheet-body" hx-swap="innerHTML" hx-push-url="false"', verb, url
    )


@register.simple_tag
def badge(
    text: str, color: str = "grey", icon_name: str = "", reported: bool = False
) -> SafeString:
    """A name in the color of its plan or tag, or without a color if it was reported."""
    return format_html(
        '<span class="badge-color {}" title="{}">{}<bdi>{}</bdi></span>',
        "badge-reported" if reported else f"color-{color}",
        _("%(name)s (reported)") % {"name": text} if reported else text,
        icon(icon_name) if icon_name else "",
        text,
    )


@register.filter
def control(field: BoundField) -> SafeString:
    """A form field's widget in the console's look. console/field.html adds label and errors."""
    kind = "form-select" if isinstance(field.field.widget, Select) else "form-control"
    plain = isinstance(field.field.widget, RadioSelect | CheckboxInput)
    return field.as_widget(attrs={} if plain else {"class": kind})
