"""The figures at the top of a profile, each with its definition and the agent's median."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from frontdesk.console.templatetags.console import ago
from frontdesk.core.formats import length, number
from frontdesk.core.money import money
from frontdesk.people.models import Medians
from frontdesk.people.profiles.figures import Measures, Totals
from frontdesk.people.table.columns import COLUMNS

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Shown = str | SafeString


class Kind(NamedTuple):
    """A figure: its title, its definition, and how its value is written."""

    key: str
    title: "_StrOrPromise"
    definition: "_StrOrPromise"
    write: Callable[[float], Shown]


class Figure(NamedTuple):
    """A figure of one profile.

    `side` compares it with the median: "above" or "below" or, for times, "later" or "earlier";
    empty if both read the same.
    """

    key: str
    title: str
    value: Shown
    definition: str
    median: Shown = ""
    side: str = ""
    note: str = ""


def _count(value: float) -> str:
    return number(round(value)) if value == round(value) else f"{value:,.1f}"


def _days(value: float) -> str:
    return ngettext("%(count)s day", "%(count)s days", round(value)) % {"count": _count(value)}


def _money(value: float) -> str:
    return money(round(value))


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _time(value: float) -> Shown:
    return ago(dt.datetime.fromtimestamp(value, dt.UTC))


def _of_column(key: str, write: Callable[[float], Shown]) -> Kind:
    return Kind(key, COLUMNS[key].title, COLUMNS[key].definition, write)


KINDS = (
    _of_column("sessions", _count),
    _of_column("chat", _count),
    _of_column("sent", _count),
    Kind(
        "per_session",
        _("Per session"),
        _("Messages that the user sent, divided by the sessions that the user started."),
        _count,
    ),
    Kind(
        "session_length",
        _("Session length"),
        _("Average time from the first to the last message of a session that the user started."),
        length,
    ),
    _of_column("cost", _money),
    Kind(
        "cost_per_session",
        _("Cost per session"),
        _("The known cost, divided by the sessions that the user started."),
        _money,
    ),
    _of_column("first_seen", _time),
    _of_column("last_message", _time),
    Kind(
        "active_days",
        _("Active days"),
        _("Days, in the agent's time zone, on which the user sent a message."),
        _count,
    ),
    Kind(
        "current_streak",
        _("Current streak"),
        _("Active days in a row up to today, or up to yesterday if there is no message today."),
        _days,
    ),
    Kind("longest_streak", _("Longest streak"), _("The most active days in a row, ever."), _days),
    Kind(
        "share_30",
        _("Active of 30 days"),
        _("Share of the last 30 days, including today, that were active days."),
        _share,
    ),
    Kind(
        "failed",
        _("Failed answers"),
        _("The number of times the agent could not answer the user."),
        _count,
    ),
)


def figures(totals: Totals, measures: Measures, medians: Medians | None) -> list[Figure]:
    """All figures of a profile, compared with the medians if there are any."""
    notes = {"cost": _unpriced(totals)}
    common = medians.figures if medians else {}
    return [
        _figure(kind, measures[kind.key], common.get(kind.key), notes.get(kind.key, ""))
        for kind in KINDS
    ]


def _unpriced(totals: Totals) -> str:
    """How many messages the cost leaves out."""
    if not totals.unpriced_messages:
        return ""
    text = gettext("+ %(count)s unpriced") if totals.user_cost else gettext("%(count)s unpriced")
    return text % {"count": number(totals.unpriced_messages)}


def _figure(kind: Kind, value: float | None, median: float | None, note: str) -> Figure:
    key, title, definition = kind.key, str(kind.title), str(kind.definition)
    shown: Shown = gettext("never") if key == "last_message" else "—"
    if value is not None:
        shown = kind.write(value)
    if value is None or median is None:
        return Figure(key, title, shown, definition, note=note)
    written = kind.write(median)
    side = "" if written == shown else "above" if value > median else "below"
    if kind.write is _time and side:
        side = "later" if side == "above" else "earlier"
    return Figure(key, title, shown, definition, written, side, note)
