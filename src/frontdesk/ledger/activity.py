"""Daily activity of end users, and how its changes change the agent's rollups."""

import datetime as dt
import uuid
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Mapping

from frontdesk.core.sql import bulk
from frontdesk.ledger.details import Detail
from frontdesk.ledger.messages import ChangedMessages, MessageState
from frontdesk.ledger.models import NO_DAY, DailyActivity
from frontdesk.ledger.rollups import (
    DAY_COLUMNS,
    SECONDS,
    SENT,
    SESSIONS,
    RollupChanges,
    no_figures,
    week_of,
)
from frontdesk.ledger.sessions import SessionChanges
from frontdesk.ledger.users import UserState

UserDay = tuple[uuid.UUID, dt.date]
Days = dict[dt.date, list[int]]
"""Changes of a user's days: the values of `DAY_COLUMNS`."""
Details = dict[UserDay, Detail]
"""Changes of the hours and model usage of users' days."""
HOURS = tuple(map(str, range(7 * 24)))
"""The hours of a week as JSON keys; 0 is Monday 0:00."""


def change(
    users: Mapping[uuid.UUID, UserState],
    changed: ChangedMessages,
    sessions: SessionChanges,
    zone: zoneinfo.ZoneInfo,
    rollups: RollupChanges,
) -> None:
    """Add messages and session starts to users' days and totals, and to the rollups."""
    details: Details = defaultdict(Detail)
    by_user = {id_: _days(users[id_], states, zone, details) for id_, states in changed.items()}
    for column, changes in ((SESSIONS, sessions.starts), (SECONDS, sessions.seconds)):
        for (id_, at), number in changes.items():
            if number:
                by_user[id_][at.astimezone(zone).date()][column] += number
    days: dict[UserDay, list[int]] = {}
    for id_, own_days in by_user.items():
        user = users[id_]
        for day, sums in own_days.items():
            if any(sums) or (id_, day) in details:
                days[id_, day] = sums
                user.add(sums)
                rollups.add_day(user.platform, day, sums)
    for (id_, day), detail in details.items():
        rollups.add_detail(users[id_].platform, day, detail)
    joined, known = _look_up(days, details)
    for id_, newly in joined.items():
        _count_active(users[id_], newly, rollups)
    _move_cohorts(users, rollups)
    _save(days, details, known)


def _save(days: dict[UserDay, list[int]], details: Details, known: Details) -> None:
    plain = [(*key, *sums) for key, sums in sorted(days.items()) if key not in details]
    bulk.add(DailyActivity, ["end_user_id", "day"], DAY_COLUMNS, plain)
    detailed = []
    for key, change in sorted(details.items()):
        before = known.get(key, _NOTHING)
        after = change.plus(before.hours, before.usage)
        detailed.append((*key, *days[key], after.hours, after.usage))
    bulk.add(DailyActivity, ["end_user_id", "day"], DAY_COLUMNS, detailed, ["hours", "usage"])


_NOTHING = Detail()


def _days(
    user: UserState, states: Iterable[MessageState], zone: zoneinfo.ZoneInfo, details: Details
) -> Days:
    """Sum the messages by day; count sent messages by hour, and usage by model."""
    days: Days = defaultdict(no_figures)
    hours = user.week_hours
    for state in states:
        local = state.sent_at.astimezone(zone)
        sums = days[local.date()]
        _, chat, sent, cost, unpriced, failed = state.added
        sums[1] += chat
        sums[2] += sent
        sums[3] += cost
        sums[4] += unpriced
        sums[5] += failed
        if sent:
            hour = HOURS[local.weekday() * 24 + local.hour]
            hours[hour] = hours.get(hour, 0) + sent
            details[user.id, local.date()].add_sent(local.hour, sent)
        used = state.use()
        if used != state.used:
            detail = details[user.id, local.date()]
            detail.add_use(state.used, -1)
            detail.add_use(used)
    return days


Neighbors = tuple[dt.date, dt.date, dt.date | None]
"""A day on which a user becomes active, and the active days around it before this batch."""


def _look_up(
    days: dict[UserDay, list[int]], details: Details
) -> tuple[dict[uuid.UUID, list[Neighbors]], Details]:
    """The days on which users become active, and the current details of all days that change."""
    wanted = [(*key, sums[SENT] > 0) for key, sums in days.items() if sums[SENT] or key in details]
    rows = bulk.select(
        "SELECT r.end_user_id, r.day, r.sent AND COALESCE(d.messages_sent, 0) = 0,"
        f" {_neighbor('p', '<', 'DESC')}, {_neighbor('n', '>', 'ASC')}, d.hours, d.usage"
        " FROM {given} LEFT JOIN ledger_dailyactivity d"
        " ON d.end_user_id = r.end_user_id AND d.day = r.day",
        {"end_user_id": "uuid", "day": "date", "sent": "bool"},
        wanted,
        ["uuid", "date", "bool", "date", "date", "json", "json"],
    )
    joined: dict[uuid.UUID, list[Neighbors]] = defaultdict(list)
    known: Details = {}
    for user, day, is_new, before, after, hours, usage in rows:
        if is_new:
            joined[user].append((day, before or NO_DAY, after))
        if hours is not None:
            known[user, day] = Detail(hours, usage)
    return joined, known


def _neighbor(alias: str, comparison: str, order: str) -> str:
    """SQL of the nearest active day on one side, only for a day that becomes active."""
    a = alias
    return (
        "CASE WHEN r.sent AND COALESCE(d.messages_sent, 0) = 0 THEN"
        f" (SELECT {a}.day FROM ledger_dailyactivity {a} WHERE {a}.end_user_id = r.end_user_id"
        f" AND {a}.day {comparison} r.day AND {a}.messages_sent > 0"
        f" ORDER BY {a}.day {order} LIMIT 1) END"
    )


def _count_active(user: UserState, joined: list[Neighbors], rollups: RollupChanges) -> None:
    """Insert each new active day between its neighbors, which may be in this batch too."""
    known = {day for _, before, after in joined for day in (before, after) if day} - {NO_DAY}
    for day, _, _ in sorted(joined):
        before = max((d for d in known if d < day), default=NO_DAY)
        after = min((d for d in known if d > day), default=None)
        if after is not None:
            rollups.gaps[user.platform, after, before] -= 1
            rollups.gaps[user.platform, after, day] += 1
        rollups.gaps[user.platform, day, before] += 1
        rollups.active_users[user.platform, day] += 1
        known.add(day)
        user.active_days += 1
        _count_week(user, day, before, after, rollups)


def _count_week(
    user: UserState, day: dt.date, before: dt.date, after: dt.date | None, rollups: RollupChanges
) -> None:
    first = user.first_active_on
    if first is None or day < first:
        rollups.new_users[user.platform, day] += 1
        if first is not None:
            rollups.new_users[user.platform, first] -= 1
        user.first_active_on = day
        if first is not None and week_of(day) < week_of(first):
            user.weeks_moved_from = user.weeks_moved_from or week_of(first)
    week = week_of(day)
    is_new_week = week not in (week_of(before), week_of(after) if after else None)
    if is_new_week:
        user.weeks_joined.append(week)


def _move_cohorts(users: Mapping[uuid.UUID, UserState], rollups: RollupChanges) -> None:
    """Count the weeks that became active; an earlier first week moves the user's other weeks."""
    moved = [user for user in users.values() if user.weeks_moved_from]
    known = _active_weeks([user.id for user in moved])
    for user in users.values():
        if user.first_active_on is None:
            continue
        first = week_of(user.first_active_on)
        for week in user.weeks_joined:
            rollups.cohorts[user.platform, first, week] += 1
        if user.weeks_moved_from:
            for week in known[user.id]:
                rollups.cohorts[user.platform, user.weeks_moved_from, week] -= 1
                rollups.cohorts[user.platform, first, week] += 1


def _active_weeks(users: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[dt.date]]:
    weeks: dict[uuid.UUID, set[dt.date]] = defaultdict(set)
    days = DailyActivity.objects.filter(end_user_id__in=list(users), messages_sent__gt=0)
    for user, day in days.values_list("end_user_id", "day"):
        weeks[user].add(week_of(day))
    return weeks
