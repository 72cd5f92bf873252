"""Daily activity of end users, and what a change of it means for the agent's rollups."""

import datetime as dt
import uuid
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Mapping

from frontdesk.ledger import bulk
from frontdesk.ledger.messages import MessageState, Touched
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
"""The change of a user's days: the values of `DAY_COLUMNS`."""
HOURS = tuple(map(str, range(7 * 24)))
"""The hours of a week as JSON's names, from Monday 0:00 on."""


def change(
    users: Mapping[uuid.UUID, UserState],
    touched: Touched,
    sessions: SessionChanges,
    zone: zoneinfo.ZoneInfo,
    rollups: RollupChanges,
) -> None:
    """Work messages and session starts into users' days and totals, and these into the rollups."""
    by_user = {id_: _days(users[id_], states, zone) for id_, states in touched.items()}
    for column, changes in ((SESSIONS, sessions.starts), (SECONDS, sessions.seconds)):
        for (id_, at), number in changes.items():
            if number:
                by_user[id_][at.astimezone(zone).date()][column] += number
    days: dict[UserDay, list[int]] = {}
    for id_, changed in by_user.items():
        user = users[id_]
        for day, sums in changed.items():
            if any(sums):
                days[id_, day] = sums
                user.add(sums)
                rollups.add_day(user.platform, day, sums)
    for id_, joined in _newly_active(days).items():
        _count_active(users[id_], joined, rollups)
    _move_cohorts(users, rollups)
    bulk.add(
        DailyActivity,
        ["end_user_id", "day"],
        DAY_COLUMNS,
        [(*key, *sums) for key, sums in sorted(days.items())],
    )


def _days(user: UserState, states: Iterable[MessageState], zone: zoneinfo.ZoneInfo) -> Days:
    """Sum the messages by day; count the sent ones by the hour of the week as well."""
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
    return days


Neighbours = tuple[dt.date, dt.date, dt.date | None]
"""A day on which a user becomes active, and the active days around it before this batch."""


def _newly_active(days: dict[UserDay, list[int]]) -> dict[uuid.UUID, list[Neighbours]]:
    sent = [key for key, sums in days.items() if sums[SENT]]
    rows = bulk.select(
        "SELECT r.end_user_id, r.day,"
        f" {_neighbour('p', '<', 'DESC')}, {_neighbour('n', '>', 'ASC')}"
        " FROM {given} WHERE NOT EXISTS (SELECT 1 FROM ledger_dailyactivity d"
        " WHERE d.end_user_id = r.end_user_id AND d.day = r.day AND d.messages_sent > 0)",
        {"end_user_id": "uuid", "day": "date"},
        sent,
        ["uuid", "date", "date", "date"],
    )
    found: dict[uuid.UUID, list[Neighbours]] = defaultdict(list)
    for user, day, before, after in rows:
        found[user].append((day, before or NO_DAY, after))
    return found


def _neighbour(alias: str, comparison: str, order: str) -> str:
    a = alias
    return (
        f"(SELECT {a}.day FROM ledger_dailyactivity {a} WHERE {a}.end_user_id = r.end_user_id"
        f" AND {a}.day {comparison} r.day AND {a}.messages_sent > 0"
        f" ORDER BY {a}.day {order} LIMIT 1)"
    )


def _count_active(user: UserState, joined: list[Neighbours], rollups: RollupChanges) -> None:
    """Put each new active day between its neighbours, which may be of this batch too."""
    known = {day for _, before, after in joined for day in (before, after) if day} - {NO_DAY}
    for day, _, _ in sorted(joined):
        before = max((d for d in known if d < day), default=NO_DAY)
        after = min((d for d in known if d > day), default=None)
        if after is not None:
            rollups.gaps[user.platform, after, before] -= 1
            rollups.gaps[user.platform, after, day] += 1
        rollups.gaps[user.platform, day, before] += 1
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
    """Count the weeks that became active; a late first week takes the user's other weeks along."""
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
