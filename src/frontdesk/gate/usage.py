"""How much of each limit is used, from the ledger and the reservations.

There is no separate counter that could drift from what was recorded.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from frontdesk.agents.limits import LIMITS, WINDOWS, LimitKind
from frontdesk.core.sql import bulk
from frontdesk.gate.windows import Bounds, Windows

Used = Counter[str]
"""How much is used in each limit's window, by the key of the limit."""

_RESERVABLE = [kind for kind in LIMITS.values() if kind.quantity.is_reserved]


class ActiveReservation(NamedTuple):
    """A reservation whose message has not been reported yet."""

    end_user_id: uuid.UUID
    message_id: uuid.UUID
    reserved_at: dt.datetime
    position: int
    new_session: bool
    starts_session: bool
    session: uuid.UUID


def used(
    ids: Collection[uuid.UUID], keys: Collection[str], windows: Windows
) -> dict[uuid.UUID, Used]:
    """How much of these limits each of these end users has used, without reservations."""
    kinds = [LIMITS[key] for key in LIMITS if key in keys]
    found = {id_: Counter[str]() for id_ in ids}
    by_day = {kind: kind.quantity.day_column for kind in kinds if kind.is_daily}
    if by_day:
        _add(found, by_day, _days(ids, by_day, windows))
    for window in WINDOWS:
        bounds = windows.bounds(window)
        by_message = [kind for kind in kinds if kind.window == window and not kind.is_daily]
        if by_message and bounds:
            _add(found, by_message, _messages(ids, by_message, bounds))
    return found


def unknown(ids: Collection[uuid.UUID], keys: Collection[str], windows: Windows) -> Used:
    """How many messages of these end users together each of these limits does not count, because
    nothing is known of what they used."""
    kinds = {LIMITS[key]: LIMITS[key].quantity.unknown_column for key in LIMITS if key in keys}
    columns = {kind: column for kind, column in kinds.items() if kind.is_daily and column}
    found = {id_: Counter[str]() for id_ in ids}
    if columns:
        _add(found, columns, _days(ids, columns, windows))
    return sum(found.values(), Counter[str]())


def _add(
    found: dict[uuid.UUID, Used], kinds: Collection[LimitKind], rows: Iterable[tuple[Any, ...]]
) -> None:
    for id_, *sums in rows:
        found[id_].update({kind.key: sum_ for kind, sum_ in zip(kinds, sums, strict=True)})


def reservations(
    ids: Collection[uuid.UUID], keys: Collection[str], now: dt.datetime
) -> list[ActiveReservation]:
    """The active reservations, if any of these limits counts them."""
    if not any(kind.key in keys for kind in _RESERVABLE):
        return []
    rows = bulk.select(
        "SELECT v.end_user_id, v.id, v.reserved_at, v.position, v.new_session, v.starts_session,"
        " v.session"
        " FROM {given} CROSS JOIN gate_reservation v"
        " WHERE v.end_user_id = r.id AND v.expires_at > r.now AND NOT EXISTS ("
        "  SELECT 1 FROM ledger_message m WHERE m.end_user_id = v.end_user_id AND m.id = v.id)",
        {"id": "uuid", "now": "timestamptz"},
        [(id_, now) for id_ in ids],
        ["uuid", "uuid", "timestamptz", "int", "bool", "bool", "uuid"],
    )
    return [ActiveReservation(*row) for row in rows]


def reserved(reservations: Iterable[ActiveReservation], windows: Windows) -> Used:
    """How much these reservations use of each limit."""
    found: Used = Counter()
    for reservation in reservations:
        for kind in _RESERVABLE:
            bounds = windows.bounds(kind.window)
            if bounds and bounds[0] <= reservation.reserved_at < bounds[1]:
                found[kind.key] += reservation.starts_session or not kind.quantity.per_session
    return found


def _days(
    ids: Collection[uuid.UUID], columns: Mapping[LimitKind, str], windows: Windows
) -> list[tuple[Any, ...]]:
    """The sum of each limit's column over the days of its window."""
    sums = ", ".join(f"CAST(SUM({_of_day(*each)}) AS bigint)" for each in columns.items())
    return bulk.select(
        f"SELECT d.end_user_id, {sums} FROM {{given}} CROSS JOIN ledger_dailyactivity d"
        " WHERE d.end_user_id = r.id AND d.day BETWEEN r.first AND r.last GROUP BY d.end_user_id",
        {"id": "uuid", "today": "date", "first": "date", "last": "date"},
        [(id_, windows.today, windows.first, windows.last) for id_ in ids],
        ["uuid", *["int"] * len(columns)],
    )


def _of_day(kind: LimitKind, column: str) -> str:
    if kind.window == "day":
        return f"CASE WHEN d.day = r.today THEN d.{column} ELSE 0 END"
    return f"d.{column}"


def _messages(
    ids: Collection[uuid.UUID], kinds: Sequence[LimitKind], bounds: Bounds
) -> list[tuple[Any, ...]]:
    sums = ", ".join(kind.quantity.message_sql for kind in kinds)
    return bulk.select(
        f"SELECT m.end_user_id, {sums} FROM {{given}} CROSS JOIN ledger_message m"
        " WHERE m.end_user_id = r.id AND m.sent_at >= r.since AND m.sent_at < r.until"
        " GROUP BY m.end_user_id",
        {"id": "uuid", "since": "timestamptz", "until": "timestamptz"},
        [(id_, *bounds) for id_ in ids],
        ["uuid", *["int"] * len(kinds)],
    )
