"""A list's filters in words: the chips above it, and the rule of a saved view."""

import zoneinfo
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import QueryDict

from frontdesk.core.formats import decimal_text, number
from frontdesk.core.languages import language_name
from frontdesk.core.platforms import platform_word
from frontdesk.people.table.filters import DIGITS, Days, Range, UsersQuery
from frontdesk.people.table.rows import PlanAndTagNames

PRESET_WORDS = {"today": "Today", "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days"}
RANGE_WORDS = {
    "sessions": "Sessions",
    "chat": "Chat messages",
    "sent": "Sent messages",
    "cost": "Cost",
    "per_session": "Sent per session",
}
DATE_WORDS = {"last": "Last message", "seen": "First seen"}
ACTIVITY_WORDS = {
    "active": "Sent messages",
    "also": "Also sent messages",
    "inactive": "Sent no messages",
    "joined": "First message sent",
}
STATUS_WORDS = {
    "active": "Not blocked",
    "blocked": "Blocked",
    "near": "Over 80 % of a limit",
    "unreachable": "Cannot be reached",
    "linked": "Linked with another",
}
TAG_MODE_WORDS = {"any": "Any of these", "all": "All of these", "none": "None of these"}
_TAG_WORDS = {"any": "Tag", "all": "Tag", "none": "Without tag"}


class Told(NamedTuple):
    """A filter in words, and the changes of the query that take it away."""

    text: str
    changes: dict[str, Any]


def told(query: UsersQuery, palette: PlanAndTagNames) -> Iterator[Told]:
    """Every filter in force."""
    if query.q:
        yield Told(f"Search: {query.q}", {"q": ""})
    for field, word, name_of in (
        ("platforms", "Platform", platform_word),
        ("languages", "Language", language_name),
        ("plans", "Subscription", lambda key: palette.plan_name(key) or "None"),
        ("tags", _TAG_WORDS[query.tags_mode], str),
    ):
        values = getattr(query, field)
        for value in values:
            rest = tuple(other for other in values if other != value)
            yield Told(f"{word}: {name_of(value)}", {field: rest})
    if query.status:
        yield Told(f"Status: {STATUS_WORDS[query.status]}", {"status": ""})
    yield from _times(query)
    for name, span in query.ranges.items():
        spans = {key: value for key, value in query.ranges.items() if key != name}
        yield Told(f"{RANGE_WORDS[name]}: {_range(name, span)}", {"ranges": spans})


def _times(query: UsersQuery) -> Iterator[Told]:
    for name, word in DATE_WORDS.items():
        if preset := getattr(query, name):
            yield Told(f"{word}: {PRESET_WORDS[preset]}", {name: ""})
    if query.quiet is not None:
        days = "day" if query.quiet == 1 else "days"
        yield Told(f"Silent for {query.quiet} {days} or more", {"quiet": None})
    for name, given in query.days.items():
        others = {key: value for key, value in query.days.items() if key != name}
        word = DATE_WORDS.get(name) or ACTIVITY_WORDS[name]
        yield Told(f"{word}: {_days(given)}", {"days": others})


def describe(address: str, palette: PlanAndTagNames) -> str:
    """All filters and the sort of a query string in one sentence."""
    query, _ = UsersQuery.parse(QueryDict(address), zoneinfo.ZoneInfo("UTC"))
    filters = [each.text for each in told(query, palette)]
    way = "descending" if query.descending else "ascending"
    by = query.sort_name.replace("_", " ")
    return f"{'; '.join(filters) or 'All users'}; by {by}, {way}."


def _days(days: Days) -> str:
    if days.first and days.first == days.last:
        return f"on {days.first}"
    if days.first and days.last:
        return f"{days.first} to {days.last}"
    return f"from {days.first}" if days.first else f"until {days.last}"


def _range(name: str, span: Range) -> str:
    low, high = _amount(name, span.low), _amount(name, span.high)
    if low and high:
        return f"{low} to {high}" if low != high else f"exactly {low}"
    return f"{low} or more" if low else f"at most {high}"


def _amount(name: str, value: int | None) -> str:
    if value is None:
        return ""
    if name not in DIGITS:
        return number(value)
    return ("$" if name == "cost" else "") + decimal_text(value, DIGITS[name])
