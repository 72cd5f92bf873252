"""The figures at the head of a user's profile."""

from typing import NamedTuple

from django.utils.safestring import SafeString

from frontdesk.console.templatetags.console import ago, money, number
from frontdesk.ledger.models import EndUser
from frontdesk.people.columns import COLUMNS


class Figure(NamedTuple):
    """A total with its definition, and what must be said beside it."""

    title: str
    value: str | SafeString
    definition: str
    note: str = ""


def totals(user: EndUser) -> list[Figure]:
    """The totals of the table's columns: kept at write time, so they cost nothing to show."""
    unpriced = user.unpriced_messages
    return [
        _figure("sessions", number(user.total_sessions)),
        _figure("chat", number(user.total_chat_messages)),
        _figure("sent", number(user.total_messages_sent)),
        _figure("cost", money(user.user_cost), f"+ {unpriced:,} unpriced" if unpriced else ""),
        _figure("first_seen", ago(user.first_seen_at)),
        _figure("last_message", ago(user.last_message_at)),
    ]


def _figure(key: str, value: str | SafeString, note: str = "") -> Figure:
    column = COLUMNS[key]
    return Figure(column.title, value, column.definition, note)
