"""The cells of the Users table, as HTML.

They are functions, not templates: a page has a thousand cells, and rendering a template for each
would take several times as long.
"""

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from frontdesk.console.templatetags.console import ago, avatar, badge, exact, icon, platform
from frontdesk.core.formats import number
from frontdesk.core.languages import language_name
from frontdesk.core.money import money
from frontdesk.ledger.models import EndUser
from frontdesk.people.table.columns import Column
from frontdesk.people.table.rows import Row

MAX_TAGS = 3
"""Tags that a cell shows by name; the others are counted."""

Cell = Callable[[Row], SafeString | str]

_NOTHING = SafeString('<span class="is-none">—</span>')
_SOME_ID = uuid.UUID(int=0)


class ShownRow(NamedTuple):
    """A row of the table, and its cells with their elements."""

    row: Row
    cells: list[SafeString]


def shown_rows(rows: Iterable[Row], columns: Sequence[Column]) -> list[ShownRow]:
    """The rows with their cells, in the order of the columns."""
    frames = [(*_element(column), cell_of(column)) for column in columns]
    return [
        ShownRow(
            row,
            [
                SafeString(f"{start}{conditional_escape(cell(row))}{end}")
                for start, end, cell in frames
            ],
        )
        for row in rows
    ]


def cell_of(column: Column) -> Cell:
    """The function that writes the column's cells: its own, or that of its first field's kind."""
    if column.cell:
        return CELLS[column.cell]
    field = column.fields[0]
    write = _KINDS[field.kind]
    return lambda row: write(getattr(row.person, field.column))


def _element(column: Column) -> tuple[str, str]:
    """The start and end tags of a cell; the name is the header of the row."""
    if column.key == "name":
        return '<th scope="row" class="cell-name">', "</th>"
    css = " is-number" if column.numeric else ""
    start = format_html('<td class="cell-{}{}" data-label="{}">', column.key, css, column.title)
    return start, "</td>"


def _name(row: Row) -> SafeString:
    person = row.person
    made_up = ""
    if person.is_anonymous_person:
        made_up = format_html(
            ' is-made-up" title="{}', _("This user has no name. Frontdesk made up this label.")
        )
    return format_html(
        '<a class="user-link" id="user-{}" href="{}" hx-boost="false">{}'
        '<span class="user-words"><span class="user-name{}"><bdi>{}</bdi></span>{}</span></a>',
        person.id,
        _user_url(person),
        avatar(person.id, person.label, "", "avatar-sm"),
        made_up,
        person.label,
        _handle(row),
    )


def _handle(row: Row) -> SafeString | str:
    if not (row.block or row.handle):
        return ""
    mark: SafeString | str = ""
    if row.block:
        mark = format_html(
            '<span class="blocked-mark" title="{}">{}{}</span> ',
            row.block.reason,
            icon("ban", "icon-sm"),
            _("Blocked"),
        )
    return format_html('<span class="user-handle">{}<bdi>{}</bdi></span>', mark, row.handle)


def _user_url(person: EndUser) -> str:
    return _user_urls(person.agent_id).replace(str(_SOME_ID), str(person.id))


@functools.lru_cache(maxsize=1_000)
def _user_urls(agent_id: uuid.UUID) -> str:
    """The address of one of the agent's users; resolving it for each one would be slow."""
    return reverse("users:user", args=[agent_id, _SOME_ID])


def _platform(row: Row) -> SafeString:
    return platform(row.person.platform)


def _cost(row: Row) -> SafeString | str:
    person = row.person
    is_known = person.user_cost or not person.unpriced_messages
    cost = money(person.user_cost) if is_known else _NOTHING
    if not person.unpriced_messages:
        return cost
    return format_html(
        '{} <span class="unpriced" title="{}">{}{}</span>',
        cost,
        _("Messages without a known price; the cost does not include them"),
        "+" if person.user_cost else "",
        _("%(count)s unpriced") % {"count": number(person.unpriced_messages)},
    )


def _subscription(row: Row) -> SafeString:
    person = row.person
    if row.plan:
        plan = badge(row.plan.name, row.plan.color)
    elif person.subscription:
        plan = badge(person.subscription, "grey", "", True)
    else:
        plan = _NOTHING
    if not (person.assigned_plan and person.plan_until):
        return plan
    return format_html(
        '{} <span class="until" title="{}">{}</span>',
        plan,
        exact(person.plan_until),
        _("until %(day)s") % {"day": _day(person.plan_until)},
    )


def _tags(row: Row) -> SafeString:
    named, others = row.tags[:MAX_TAGS], row.tags[MAX_TAGS:]
    shown = format_html_join(
        "", "{}", ((badge(tag.name, tag.color, "", tag.is_reported),) for tag in named)
    )
    if others:
        names = ", ".join(tag.name for tag in others)
        shown += format_html('<span class="is-none" title="{}">+{}</span>', names, len(others))
    return format_html('<span class="tag-list">{}</span>', shown or _NOTHING)


def _status(row: Row) -> SafeString:
    if row.block:
        return _status_mark(" is-blocked", "", "ban", _("Blocked"))
    if row.near_limit:
        title = _("%(limit)s, as of %(time)s") % {
            "limit": row.near_limit_title,
            "time": exact(row.near_limit.as_of),
        }
        word = _("%(percent)s %% of a limit") % {"percent": row.near_limit.percent}
        return _status_mark(" is-near", title, "gauge", word)
    return _status_mark("", "", "circle-check", _("Active"))


def _status_mark(css: str, title: str, icon_name: str, word: object) -> SafeString:
    attribute = format_html(' title="{}"', title) if title else ""
    return format_html(
        '<span class="user-status{}"{}>{}{}</span>',
        css,
        attribute,
        icon(icon_name, "icon-sm"),
        word,
    )


def _blocked_until(row: Row) -> SafeString | str:
    if not row.block:
        return _NOTHING
    if row.block.is_for_good:
        return _("for good")
    until = row.block.until
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        timezone.localtime(until).isoformat(),
        exact(until),
        _date(until, "j M Y, H:i"),
    )


def _block_reason(row: Row) -> SafeString:
    if not row.block:
        return _NOTHING
    return format_html('<span class="block-reason"><bdi>{}</bdi></span>', row.block.reason)


def _reachability(row: Row) -> SafeString | str:
    since = row.person.unreachable_since
    if not since:
        return _("Yes")
    title = f"{capfirst(row.person.unreachable_cause)}, {exact(since)}"
    day = format_html(
        '<time datetime="{}">{}</time>', timezone.localtime(since).isoformat(), _day(since)
    )
    words = format_html("<span>{}</span>", format_html(_("No, since {day}"), day=day))
    return _status_mark(" is-unreachable", title, "message-off", words)


def _language(row: Row) -> SafeString | str:
    return language_name(row.person.language) if row.person.language else _NOTHING


CELLS: dict[str, Cell] = {
    "name": _name,
    "platform": _platform,
    "cost": _cost,
    "subscription": _subscription,
    "tags": _tags,
    "status": _status,
    "blocked_until": _blocked_until,
    "block_reason": _block_reason,
    "reachability": _reachability,
    "language": _language,
}
"""The cells that columns name."""

_KINDS: dict[str, Callable[[Any], SafeString | str]] = {
    "text": lambda value: format_html("<bdi>{}</bdi>", value) if value else _NOTHING,
    "number": number,
    "time": ago,
    "money": money,
}
"""The cells of the other columns."""


def _day(value: dt.datetime) -> str:
    return _date(value, "j M Y")


def _date(value: dt.datetime, form: str) -> str:
    return formats.date_format(timezone.localtime(value), form)
