"""The figures at the head of a profile, each with its definition and the agent's median."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from frontdesk.console.templatetags.console import ago
from frontdesk.core.formats import length, number
from frontdesk.core.money import money
from frontdesk.people.models import Medians
from frontdesk.people.profiles.figures import Measures, Totals
from frontdesk.people.profiles.streaks import WINDOW
from frontdesk.people.table.columns import COLUMNS

Shown = str | SafeString


class Kind(NamedTuple):
    """A figure: what it is called, what it means, and how its value is written."""

    key: str
    title: str | Promise
    definition: str | Promise
    write: Callable[[float], Shown]


class Figure(NamedTuple):
    """A figure of one profile. `side` says where it is of the median: "above", "below" or ""."""

    key: str
    title: str | Promise
    value: Shown
    definition: str | Promise
    median: Shown = ""
    side: str = ""
    note: str = ""


def _count(value: float) -> str:
    return number(round(value)) if value == round(value) else f"{value:,.1f}"


def _days(value: float) -> str:
    return f"{_count(value)} day{'' if value == 1 else 's'}"


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
        "Per session",
        "Messages that the user sent, divided by the sessions that the user started.",
        _count,
    ),
    Kind(
        "session_length",
        "Session length",
        "Average time from the first to the last message of the sessions that the user started.",
        length,
    ),
    _of_column("cost", _money),
    Kind(
        "cost_per_session",
        "Cost per session",
        "The known cost, divided by the sessions that the user started.",
        _money,
    ),
    _of_column("first_seen", _time),
    _of_column("last_message", _time),
    Kind(
        "active_days",
        "Active days",
        "Days of the agent's time zone on which the user sent a message.",
        _count,
    ),
    Kind(
        "current_streak",
        "Current streak",
        "Active days in a row up to today, or up to yesterday while today has none.",
        _days,
    ),
    Kind("longest_streak", "Longest streak", "The most active days in a row, ever.", _days),
    Kind(
        "share_30",
        "Active of 30 days",
        f"Part of the last {WINDOW} days, today included, that were active.",
        _share,
    ),
    Kind("failed", "Failed answers", "Times that the agent could not answer the user.", _count),
)


def figures(totals: Totals, measures: Measures, medians: Medians | None) -> list[Figure]:
    """All figures of a profile, compared where there are medians."""
    unpriced = totals.unpriced_messages
    notes = {"cost": f"{'+ ' if totals.user_cost else ''}{unpriced:,} unpriced"} if unpriced else {}
    common = medians.figures if medians else {}
    return [
        _figure(kind, measures[kind.key], common.get(kind.key), notes.get(kind.key, ""))
        for kind in KINDS
    ]


def _figure(kind: Kind, value: float | None, median: float | None, note: str) -> Figure:
    shown: Shown = "never" if kind.key == "last_message" else "—"
    if value is None:
        return Figure(kind.key, kind.title, shown, kind.definition, note=note)
    shown = kind.write(value)
    if median is None:
        return Figure(kind.key, kind.title, shown, kind.definition, note=note)
    written = kind.write(median)
    side = "" if written == shown else "above" if value > median else "below"
    if kind.write is _time and side:
        side = "later" if side == "above" else "earlier"
    return Figure(kind.key, kind.title, shown, kind.definition, written, side, note)
