"""The rows of end users: locked, read, and written back, many at a time."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from frontdesk.ledger import bulk, profile, search_index
from frontdesk.ledger.figures import Figures
from frontdesk.ledger.models import NEVER, EndUser
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
)
_STORED = ("name", "username", "email", "language", "avatar_url", "plan", "tags", "attributes")


@dataclass(slots=True)
class UserState:
    """An end user's row while a batch is worked into it."""

    id: uuid.UUID
    platform: str
    external_id: str
    profile: Profile
    first_seen_at: dt.datetime
    last_message_at: dt.datetime
    first_active_on: dt.date | None
    sessions: int
    figures: Figures
    language_before: str = ""
    is_changed: bool = False
    weeks_joined: list[dt.date] = field(default_factory=list)
    weeks_moved_from: dt.date | None = None

    @property
    def is_new(self) -> bool:
        """Whether the row was made in this transaction: a row that is written has been seen."""
        return self.first_seen_at == NEVER

    def see(self, time: dt.datetime, role: str) -> None:
        """A message of this time is theirs."""
        if self.is_new or time < self.first_seen_at:
            self.first_seen_at = time
        if role == "user" and time > self.last_message_at:
            self.last_message_at = time

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
        )


def lock(agent_id: uuid.UUID, identities: Iterable[Identity]) -> dict[uuid.UUID, UserState]:
    """Make the missing rows and lock all, in the order of their ids; then read them.

    This is the one lock of every writer of an end user.
    """
    ordered = sorted(set(identities))
    if connection.vendor == "sqlite":  # the transaction is the only writer: no row to be locked
        known = read([identity[0] for identity in ordered])
        missing = [identity for identity in ordered if identity[0] not in known]
        bulk.insert(EndUser, _FRESH, [_fresh(agent_id, identity) for identity in missing])
        return known | read([identity[0] for identity in missing])
    bulk.insert_missing(EndUser, _FRESH, [_fresh(agent_id, identity) for identity in ordered])
    return read([identity[0] for identity in ordered])


def read(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, UserState]:
    rows = EndUser.objects.filter(id__in=ids).values_list(
        "id", "platform", "external_id", "field_times", *TOTALS, *_STORED
    )
    states = {}
    for row in rows:
        id_, platform, external_id, times, first, last, active, sessions, *rest = row
        values = dict(zip(_STORED, rest[4:], strict=True))
        states[id_] = UserState(
            id_,
            platform,
            external_id,
            Profile(values, times),
            first,
            last,
            active,
            sessions,
            Figures(0, *rest[:4]),
            language_before=values["language"],
        )
    return states


def save(states: Iterable[UserState], created: set[uuid.UUID]) -> None:
    """Write back what changed: everything of new users, else only the half that differs."""
    whole, totals, found = [], [], []
    for state in states:
        known_as = state.profile
        if state.id in created or known_as.is_changed:
            shown = known_as.row(state.id, state.external_id)
            whole.append((state.id, known_as.times, *state.totals(), *shown))
            found.append((state.id, shown[profile.COLUMNS.index("search_key")]))
        elif state.is_changed or known_as.times_changed:
            totals.append((state.id, known_as.times, *state.totals()))
    bulk.update(EndUser, ["id"], ["field_times", *TOTALS, *profile.COLUMNS], whole)
    bulk.update(EndUser, ["id"], ["field_times", *TOTALS], totals)
    search_index.put(found, created)


_FRESH = (
    "id agent_id platform external_id name username email language avatar_url plan tags attributes"
    " field_times search_key sort_name first_seen_at last_message_at total_sessions"
    " total_chat_messages total_messages_sent user_cost unpriced_messages"
).split()


def _fresh(agent_id: uuid.UUID, identity: Identity) -> tuple[Any, ...]:
    blank = ("",) * 6
    return (
        identity[0],
        agent_id,
        *identity[1:],
        *blank,
        [],
        {},
        {},
        "",
        "",
        NEVER,
        NEVER,
        0,
        0,
        0,
        0,
        0,
    )
