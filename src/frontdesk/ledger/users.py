"""Locks, reads and writes the rows of end users, many at a time."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from frontdesk.core.languages import base_of
from frontdesk.core.sql import bulk
from frontdesk.core.sql.dialect import dialect
from frontdesk.ledger import profile, search_index
from frontdesk.ledger.events import PROFILE_TEXTS
from frontdesk.ledger.figures import Figures
from frontdesk.ledger.messages import MessageState
from frontdesk.ledger.models import FACET_COLUMNS, NEVER, EndUser
from frontdesk.ledger.profile import Profile

Identity = tuple[uuid.UUID, str, str]
"""Id, platform and external id of an end user."""

TOTALS = (
    "first_seen_at",
    "last_message_at",
    "first_active_on",
    "total_sessions",
    "total_chat_messages",
    "total_messages_sent",
    "user_cost",
    "unpriced_messages",
    "failed_messages",
    "session_seconds",
    "active_days",
    "week_hours",
)


@dataclass(slots=True)
class UserState:
    """An end user's row while a batch is applied to it; `stored` are the totals before it."""

    id: uuid.UUID
    platform: str
    external_id: str
    profile: Profile
    known_at: dt.datetime | None
    first_seen_at: dt.datetime
    last_message_at: dt.datetime
    first_active_on: dt.date | None
    sessions: int
    figures: Figures
    session_seconds: int
    active_days: int
    week_hours: dict[str, int]
    stored: tuple[Any, ...]
    assigned_plan: str = ""
    assigned_tags: list[str] = field(default_factory=list)
    known_before: dt.datetime | None = None
    facets_before: tuple[str, ...] = ()
    tags_before: frozenset[str] = frozenset()
    weeks_joined: list[dt.date] = field(default_factory=list)
    weeks_moved_from: dt.date | None = None

    @property
    def identity(self) -> Identity:
        return self.id, self.platform, self.external_id

    @property
    def is_new(self) -> bool:
        """Whether the row was created in this transaction: committed rows have a first_seen_at."""
        return self.first_seen_at == NEVER

    @property
    def subscription(self) -> str:
        """The key of the plan: the assigned one, else the reported one."""
        plan: str = self.assigned_plan or self.profile.values["plan"]
        return plan

    @property
    def base_language(self) -> str:
        return base_of(self.profile.values["language"])

    @property
    def facets(self) -> tuple[str, ...]:
        """The values of `FACET_COLUMNS`: profile texts, or attributes."""
        values = self.profile.values
        return tuple(
            values[column] if column in values else getattr(self, column)
            for column in FACET_COLUMNS.values()
        )

    @property
    def tags(self) -> frozenset[str]:
        """Assigned and reported tags together."""
        return frozenset((*self.assigned_tags, *self.profile.values["tags"]))

    def know(self, time: dt.datetime) -> None:
        """Note that the user was known at this time, by a profile without a message."""
        self.known_at = min(self.known_at or time, time)
        self.first_seen_at = time if self.is_new else min(self.first_seen_at, time)

    def observe(self, messages: Iterable[MessageState]) -> None:
        """Update the times of the first and last message from these messages."""
        first, last = self.first_seen_at, self.last_message_at
        for message in messages:
            time = message.sent_at
            if time < first or first == NEVER:
                first = time
            if time > last and message.role == "user":
                last = time
        self.first_seen_at, self.last_message_at = first, last

    def add(self, sums: Sequence[int]) -> None:
        """Add the change of one day (the values of `DAY_COLUMNS`) to the totals."""
        sessions, *figures, seconds = sums
        self.sessions += sessions
        self.figures = self.figures.plus(Figures(0, *figures))
        self.session_seconds += seconds

    def totals(self) -> tuple[Any, ...]:
        """The values of `TOTALS`."""
        f = self.figures
        return (
            self.first_seen_at,
            self.last_message_at,
            self.first_active_on,
            self.sessions,
            f.chat_messages,
            f.messages_sent,
            f.cost,
            f.unpriced_messages,
            f.failed_messages,
            self.session_seconds,
            self.active_days,
            self.week_hours,
        )


def lock(agent_id: uuid.UUID, identities: Iterable[Identity]) -> dict[uuid.UUID, UserState]:
    """Create the missing rows, lock all in the order of their ids, and read them.

    Every writer of an end user takes this lock.
    """
    ordered = sorted(identities)
    if dialect().has_one_writer:
        return find(ordered)  # rows need no lock, and `save` creates those that are missing
    blank = {"agent_id": agent_id, **dict(zip(_REST, _BLANK, strict=True))}
    bulk.insert_missing(EndUser, ["id", "platform", "external_id"], ordered, blank)
    return read([identity[0] for identity in ordered])


def find(identities: Collection[Identity]) -> dict[uuid.UUID, UserState]:
    """These users as they are now, without a lock; those that do not exist are new."""
    known = read([identity[0] for identity in identities])
    return {identity[0]: known.get(identity[0]) or _fresh(identity) for identity in identities}


def lock_known(agent_id: uuid.UUID, identities: Iterable[Identity]) -> dict[uuid.UUID, UserState]:
    """Lock these users; those that do not exist are left out."""
    states = lock(agent_id, identities)
    # Missing users were erased since they were listed.
    delete_placeholders(state for state in states.values() if state.is_new)
    return {id_: state for id_, state in states.items() if not state.is_new}


def lock_ids(agent_id: uuid.UUID, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, UserState]:
    """Lock the users of this agent among these ids; the others are left out."""
    # The agent is compared in Python: with it in the statement, SQLite may read all of its users.
    found = EndUser.objects.filter(id__in=ids)
    rows = found.values_list("id", "platform", "external_id", "agent_id")
    theirs = [(id_, platform, own) for id_, platform, own, agent in rows if agent == agent_id]
    return lock_known(agent_id, theirs)


def delete_placeholders(states: Iterable[UserState]) -> None:
    """Remove the rows that only their lock created."""
    created = [state.id for state in states if state.is_new]
    if created and not dialect().has_one_writer:
        EndUser.objects.filter(id__in=created).delete()


def read(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, UserState]:
    columns = ", ".join(f"u.{c}" for c in _READ)
    rows = bulk.select(
        f"SELECT u.id, u.platform, u.external_id, {columns}"
        " FROM {given} CROSS JOIN ledger_enduser u WHERE u.id = r.id",
        {"id": "hex"},
        [(id_.hex,) for id_ in ids],
        ["uuid", "text", "text", *_READ.values()],
    )
    return {row[0]: _state(*row) for row in rows}


def save(agent_id: uuid.UUID, states: Iterable[UserState], created: Set[uuid.UUID]) -> None:
    """Write the changes: whole rows if new or the profile changed, else only the totals."""
    whole, indexed = [], []
    totals: dict[tuple[str, ...], list[bulk.Row]] = defaultdict(list)
    for state in states:
        current, now = state.profile, state.totals()
        if state.id in created or current.is_changed:
            columns = current.row(state.id, state.external_id)
            own = (agent_id, state.platform, state.external_id)
            whole.append((state.id, *own, current.times, state.known_at, *now, *columns))
            indexed.append((state.id, columns[profile.COLUMNS.index("search_key")]))
        elif (now, state.known_at) != (state.stored, state.known_before) or current.times_changed:
            changed, values = _changes(state.stored, now)
            totals[changed].append((state.id, current.times, state.known_at, *values))
    bulk.upsert(EndUser, ["id"], [*_OWN, *_REST], whole)
    for changed, rows in totals.items():
        bulk.update(EndUser, ["id"], ["field_times", "known_at", *changed], rows)
    search_index.put(indexed, created)


def _changes(
    before: tuple[Any, ...], after: tuple[Any, ...]
) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The columns of `TOTALS` to write, and their values.

    SQLite rewrites every index whose columns are set, changed or not. PostgreSQL rewrites the whole
    row anyway, and takes all rows in one statement.
    """
    if dialect().takes_rows_as_json:
        return TOTALS, after
    differing = [i for i, value in enumerate(after) if value != before[i]]
    return tuple(TOTALS[i] for i in differing), tuple(after[i] for i in differing)


_OWN = ("agent_id", "platform", "external_id")
_REST = ("field_times", "known_at", *TOTALS, *profile.COLUMNS)
_NO_TOTALS: tuple[Any, ...] = (NEVER, NEVER, None, *[0] * 8, {})
_BLANK: tuple[Any, ...] = ({}, None, *_NO_TOTALS, *[""] * len(PROFILE_TEXTS), [], {}, "", "", "")
"""The values of `_REST` for a row that is created only to be locked."""
_READ = {
    "field_times": "json",
    "known_at": "timestamptz",
    **dict.fromkeys(TOTALS[:2], "timestamptz"),
    TOTALS[2]: "date",
    **dict.fromkeys(TOTALS[3:-1], "int"),
    TOTALS[-1]: "json",
    "assigned_plan": "text",
    "assigned_tags": "json",
    **dict.fromkeys(PROFILE_TEXTS, "text"),
    "tags": "json",
    "attributes": "json",
}


def _fresh(identity: Identity) -> UserState:
    return _state(*identity, {}, None, *_NO_TOTALS, "", [], *[""] * len(PROFILE_TEXTS), [], {})


def _state(
    id_: uuid.UUID,
    platform: str,
    external_id: str,
    times: dict[str, Any],
    known_at: dt.datetime | None,
    *rest: Any,
) -> UserState:
    totals, (plan, tags, *stored) = rest[: len(TOTALS)], rest[len(TOTALS) :]
    first, last, active, sessions, *figures, seconds, active_days, hours = totals
    values = dict(zip(_PROFILE, stored, strict=True))
    state = UserState(
        id_,
        platform,
        external_id,
        Profile(values, times),
        known_at,
        first,
        last,
        active,
        sessions,
        Figures(0, *figures),
        seconds,
        active_days,
        dict(hours),  # a copy: `totals` keeps what is stored
        totals,
        plan,
        tags,
    )
    state.known_before = known_at
    state.facets_before = state.facets
    state.tags_before = state.tags
    return state


_PROFILE = (*PROFILE_TEXTS, "tags", "attributes")
