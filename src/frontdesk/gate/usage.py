"""How much of each limit is used: read from the ledger, and from the places that are reserved.

It is no counter of its own, so it cannot drift from what was recorded.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from frontdesk.agents.limits import LIMITS
from frontdesk.core.sql import bulk
from frontdesk.gate.windows import Windows

Used = Counter[str]
"""By the key of a limit: messages, sessions or micro-dollars in its window."""

_BY_DAY = {
    "messages_per_day": "CASE WHEN d.day = r.today THEN d.messages_sent ELSE 0 END",
    "messages_per_month": "d.messages_sent",
    "sessions_per_day": "CASE WHEN d.day = r.today THEN d.sessions ELSE 0 END",
    "cost_per_day": "CASE WHEN d.day = r.today THEN d.cost ELSE 0 END",
    "cost_per_month": "d.cost",
}
_RESERVABLE = {key for key, kind in LIMITS.items() if kind.counts in ("messages", "sessions")}


class Place(NamedTuple):
    """A place that is kept for a message which is not there yet."""

    end_user_id: uuid.UUID
    message_id: uuid.UUID
    reserved_at: dt.datetime
    starts_session: bool
    session: uuid.UUID


def used(
    ids: Collection[uuid.UUID], keys: Collection[str], windows: Windows
) -> dict[uuid.UUID, Used]:
    """What each of these end users has used of these limits; places kept come on top."""
    found = {id_: Counter[str]() for id_ in ids}
    if by_day := [key for key in _BY_DAY if key in keys]:
        for id_, *sums in _days(ids, by_day, windows):
            found[id_].update(dict(zip(by_day, sums, strict=True)))
    if "messages_per_minute" in keys:
        for id_, messages in _minutes(ids, windows):
            found[id_]["messages_per_minute"] += messages
    return found


def places(ids: Collection[uuid.UUID], keys: Collection[str], now: dt.datetime) -> list[Place]:
    """The places that are kept now, if there is a limit in which they count."""
    if not _RESERVABLE & set(keys):
        return []
    rows = bulk.select(
        "SELECT v.end_user_id, v.id, v.reserved_at, v.starts_session, v.session"
        " FROM {given} CROSS JOIN gate_reservation v"
        " WHERE v.end_user_id = r.id AND v.expires_at > r.now AND NOT EXISTS ("
        "  SELECT 1 FROM ledger_message m WHERE m.end_user_id = v.end_user_id AND m.id = v.id)",
        {"id": "uuid", "now": "timestamptz"},
        [(id_, now) for id_ in ids],
        ["uuid", "uuid", "timestamptz", "bool", "uuid"],
    )
    return [Place(*row) for row in rows]


def reserved(kept: Iterable[Place], windows: Windows) -> Used:
    """What these places use of each limit."""
    found: Used = Counter()
    for place in kept:
        for key in _RESERVABLE:
            kind = LIMITS[key]
            bounds = windows.bounds(kind.window)
            if bounds and bounds[0] <= place.reserved_at < bounds[1]:
                found[key] += kind.counts == "messages" or place.starts_session
    return found


def _days(ids: Collection[uuid.UUID], keys: list[str], windows: Windows) -> list[tuple[Any, ...]]:
    sums = ", ".join(f"CAST(SUM({_BY_DAY[key]}) AS bigint)" for key in keys)
    return bulk.select(
        f"SELECT d.end_user_id, {sums} FROM {{given}} CROSS JOIN ledger_dailyactivity d"
        " WHERE d.end_user_id = r.id AND d.day BETWEEN r.first AND r.last GROUP BY d.end_user_id",
        {"id": "uuid", "today": "date", "first": "date", "last": "date"},
        [(id_, windows.today, windows.first, windows.last) for id_ in ids],
        ["uuid", *["int"] * len(keys)],
    )


def _minutes(ids: Collection[uuid.UUID], windows: Windows) -> list[tuple[Any, ...]]:
    return bulk.select(
        "SELECT m.end_user_id, COUNT(*) FROM {given} CROSS JOIN ledger_message m"
        " WHERE m.end_user_id = r.id AND m.sent_at >= r.since AND m.sent_at < r.until"
        " AND m.role = 'user' GROUP BY m.end_user_id",
        {"id": "uuid", "since": "timestamptz", "until": "timestamptz"},
        [(id_, *windows.minute) for id_ in ids],
        ["uuid", "int"],
    )
