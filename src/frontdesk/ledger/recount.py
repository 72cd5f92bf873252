"""Rebuilds every derived number of an agent from the messages, or reports which ones differ.

Users are recounted in chunks, each under the lock that recording takes, while recording goes on.
The rollups get the difference between a user's contribution before and after. Finally the rollups
are compared with the sum of all users' rows, and the difference is added.
"""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.core.sql import bulk
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import drift, facets, labeling, users
from frontdesk.ledger.derive import Derived, Fact, SessionFact, derive, session_rows
from frontdesk.ledger.details import Detail
from frontdesk.ledger.figures import Figures
from frontdesk.ledger.models import DailyActivity, EndUser, Message, Session, UserTag
from frontdesk.ledger.order import ORDER
from frontdesk.ledger.rollups import DAY_COLUMNS, SENT, RollupChanges
from frontdesk.ledger.sessions import COLUMNS as SESSION_COLUMNS
from frontdesk.ledger.users import TOTALS, Identity, UserState

CHUNK = 500
Progress = Callable[[int], None]
"""Called with the number of users done since the last call."""


@dataclass(frozen=True)
class Difference:
    """A derived number that differs from the messages, or from the users' rows."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


class _Stored(NamedTuple):
    """The stored derived rows of one user."""

    totals: tuple[Any, ...]
    sessions: list[SessionFact]
    days: dict[dt.date, list[int]]
    details: dict[dt.date, Detail]
    tags: set[str]


def recount(agent: Agent, progress: Progress | None = None) -> None:
    """Rebuild all derived numbers of the agent, chunk by chunk; safe during recording."""
    for chunk in _chunks(agent):
        with_retries(recount_users)(agent.id, chunk)
        if progress:
            progress(len(chunk))
    drift.repair(agent.id)


def check(agent: Agent, progress: Progress | None = None) -> list[Difference]:
    """The derived numbers that differ from a recount. Changes nothing."""
    differences: list[Difference] = []
    for chunk in _chunks(agent):
        differences += with_retries(_check_chunk)(agent.id, chunk)
        if progress:
            progress(len(chunk))
    for where, missing in drift.describe(drift.measure(agent.id)):
        differences.append(Difference(where, f"the rollup must change by {missing:+}"))
    return differences


def _chunks(agent: Agent) -> Iterator[list[Identity]]:
    last = uuid.UUID(int=0)
    while True:
        end_users = EndUser.objects.filter(agent=agent, id__gt=last).order_by("id")
        chunk = list(end_users.values_list("id", "platform", "external_id")[:CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1][0]


def recount_users(agent_id: uuid.UUID, chunk: list[Identity]) -> None:
    """Rebuild the derived numbers of these users, in the caller's transaction."""
    states, stored, derived = _load(agent_id, chunk)
    rollups = RollupChanges()
    for user_id, state in states.items():
        _replace(rollups, state, stored[user_id], derived[user_id])
    ids = list(states)
    Session.objects.filter(end_user_id__in=ids).delete()
    DailyActivity.objects.filter(end_user_id__in=ids).delete()
    bulk.insert(
        Session,
        ["end_user_id", "id", *SESSION_COLUMNS],
        [row for id_, user in derived.items() for row in session_rows(id_, user.sessions)],
    )
    bulk.insert(
        DailyActivity,
        ["end_user_id", "day", *DAY_COLUMNS, "hours", "usage"],
        [
            (id_, day, *sums, *_detail(user, day))
            for id_, user in derived.items()
            for day, sums in user.days.items()
        ],
    )
    UserTag.objects.filter(end_user_id__in=ids).delete()
    bulk.insert(
        UserTag,
        ["end_user_id", "name", "agent_id"],
        [(id_, name, agent_id) for id_, state in states.items() for name in sorted(state.tags)],
    )
    bulk.update(EndUser, ["id"], TOTALS, [(id_, *_totals(user)) for id_, user in derived.items()])
    labeling.repair(states)
    rollups.save(agent_id)


def _check_chunk(agent_id: uuid.UUID, chunk: list[Identity]) -> list[Difference]:
    states, stored, derived = _load(agent_id, chunk)
    outdated = labeling.outdated(states)
    differences = []
    for id_, state in states.items():
        who = f"user {state.platform}:{state.external_id}"
        expected = derived[id_]
        for name, is_, should in zip(TOTALS, stored[id_].totals, _totals(expected), strict=True):
            if is_ != should:
                differences.append(Difference(f"{who}, {name}", f"is {is_}, should be {should}"))
        if sorted(stored[id_].sessions) != sorted(expected.sessions):
            differences.append(Difference(f"{who}, sessions", "differ from those of the messages"))
        if id_ in outdated:
            differences.append(Difference(f"{who}, search", "is not found by the present texts"))
        if stored[id_].tags != state.tags:
            differences.append(Difference(f"{who}, tags", "differ from their index"))
        for day in sorted(stored[id_].days.keys() | expected.days.keys()):
            is_day, should_day = stored[id_].days.get(day), expected.days.get(day)
            if is_day != should_day:
                differences.append(
                    Difference(f"{who}, {day}", f"is {is_day}, should be {should_day}")
                )
            elif stored[id_].details.get(day, Detail()) != expected.details.get(day, Detail()):
                differences.append(Difference(f"{who}, {day}", "hours or models differ"))
    return differences


def _load(
    agent_id: uuid.UUID, chunk: list[Identity]
) -> tuple[dict[uuid.UUID, UserState], dict[uuid.UUID, _Stored], dict[uuid.UUID, Derived]]:
    """Lock the chunk; returns its states, what is stored, and what should be stored."""
    states = users.lock_known(agent_id, chunk)
    agent = Agent.objects.get(id=agent_id)
    timeout = dt.timedelta(seconds=agent.session_timeout)
    derived = {id_: Derived() for id_ in states}
    for user, facts in itertools.groupby(_facts(list(states)), key=lambda pair: pair[0]):
        derived[user] = derive((fact for _, fact in facts), agent.zone, timeout)
    for id_, state in states.items():
        derived[id_].know(state.known_at)
    return states, _stored(states), derived


def _facts(ids: list[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Fact]]:
    rows = Message.objects.filter(end_user_id__in=ids).order_by("end_user_id", *ORDER)
    columns = (
        "end_user_id sent_at position role chat session_id new_session cost model input_tokens"
        " output_tokens failed"
    ).split()
    for row in rows.values_list(*columns).iterator(5_000):
        user, *known, model, read, written, failed = row
        has_usage = bool(model) or read is not None or written is not None
        yield user, Fact._make((*known, has_usage, failed, model))


def _stored(states: dict[uuid.UUID, UserState]) -> dict[uuid.UUID, _Stored]:
    found = {id_: _Stored(state.totals(), [], {}, {}, set()) for id_, state in states.items()}
    sessions = Session.objects.filter(end_user_id__in=list(states))
    for user, *row in sessions.values_list("end_user_id", *SESSION_COLUMNS):
        found[user].sessions.append(SessionFact._make((*row[:6], Figures(*row[6:]))))
    days = DailyActivity.objects.filter(end_user_id__in=list(states))
    columns = ("end_user_id", "day", "hours", "usage", *DAY_COLUMNS)
    for user, day, hours, usage, *sums in days.values_list(*columns):
        if any(sums) or hours or usage:
            found[user].days[day] = sums
            found[user].details[day] = Detail(hours, usage)
    tags = UserTag.objects.filter(end_user_id__in=list(states))
    for user, name in tags.values_list("end_user_id", "name"):
        found[user].tags.add(name)
    return found


def _replace(rollups: RollupChanges, state: UserState, before: _Stored, after: Derived) -> None:
    for sign, of_user in ((-1, before), (1, after)):
        for day, sums in of_user.days.items():
            rollups.add_day(state.platform, day, sums, sign)
        for day, detail in of_user.details.items():
            rollups.add_detail(state.platform, day, detail, sign)
        active = [day for day, sums in of_user.days.items() if sums[SENT] > 0]
        rollups.add_active_days(state.platform, active, sign)
    was = facets.habit(state.platform, state.sessions, state.figures.messages_sent)
    now = facets.habit(state.platform, after.total_sessions, after.figures.messages_sent)
    facets.move_habit(rollups, was, now)


def _detail(user: Derived, day: dt.date) -> tuple[dict[str, int], dict[str, list[int]]]:
    detail = user.details.get(day, Detail())
    return detail.hours, detail.usage


def _totals(user: Derived) -> tuple[Any, ...]:
    """The values of `TOTALS`."""
    f = user.figures
    return (
        user.first_seen_at,
        user.last_message_at,
        user.first_active_on,
        user.total_sessions,
        f.chat_messages,
        f.messages_sent,
        f.cost,
        f.unpriced_messages,
        f.failed_messages,
        user.session_seconds,
        len(user.active_days),
        user.week_hours,
    )
