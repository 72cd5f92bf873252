"""What stands in an exported file: the fields of each column, and how formats write them."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import msgspec

from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import read_id
from frontdesk.gate import blocks
from frontdesk.gate.models import Block
from frontdesk.ledger.models import NEVER
from frontdesk.people.table.rows import PlanAndTagNames

Kind = Literal["id", "text", "number", "time", "money", "plan", "tags", "moderated"]


class Field(NamedTuple):
    """One value of a user: `key` names it in JSON lines, as the API does, `title` in tables.

    `sql` is on a user `u`; what is `moderated` is looked up by the user's id.
    """

    key: str
    title: str
    kind: Kind
    sql: str


ALWAYS = (
    Field("id", "Id", "id", "u.id"),
    Field("externalId", "External id", "text", "u.external_id"),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    "name": (
        Field("name", "Name", "text", "u.name"),
        Field("username", "Username", "text", "u.username"),
        Field("email", "E-mail", "text", "u.email"),
    ),
    "platform": (Field("platform", "Platform", "text", "u.platform"),),
    "last_message": (Field("lastMessage", "Last message", "time", "u.last_message_at"),),
    "sessions": (Field("totalSessions", "Sessions", "number", "u.total_sessions"),),
    "chat": (Field("totalChatMessages", "Chat messages", "number", "u.total_chat_messages"),),
    "sent": (Field("totalMessagesSent", "Sent messages", "number", "u.total_messages_sent"),),
    "cost": (
        Field("userCost", "Cost in US dollars", "money", "u.user_cost"),
        Field("unpricedMessages", "Unpriced messages", "number", "u.unpriced_messages"),
    ),
    "subscription": (
        Field("subscription", "Subscription", "plan", "u.subscription"),
        Field("planUntil", "Subscription until", "time", "u.plan_until"),
    ),
    "tags": (Field("tags", "Tags", "tags", ""),),
    "status": (Field("status", "Status", "moderated", "u.id"),),
    "blocked_until": (Field("blockedUntil", "Blocked until", "moderated", "u.id"),),
    "block_reason": (Field("blockReason", "Block reason", "moderated", "u.id"),),
    "reachability": (
        Field("unreachableSince", "Unreachable since", "time", "u.unreachable_since"),
        Field("unreachableCause", "Unreachable cause", "text", "u.unreachable_cause"),
    ),
    "active_days": (Field("activeDays", "Active days", "number", "u.active_days"),),
    "first_seen": (Field("firstSeen", "First seen", "time", "u.first_seen_at"),),
    "language": (Field("language", "Language", "text", "u.language"),),
}
"""The fields of the columns of `people.table.columns.COLUMNS`."""


def fields_of(columns: Iterable[str]) -> list[Field]:
    """Both ids, then the fields of these columns."""
    return [*ALWAYS, *(each for key in columns for each in FIELDS[key])]


def select_of(each: Field) -> str:
    """SQL of a field."""
    if each.kind == "tags":
        return dialect().json_list("u.assigned_tags", "u.tags")
    return dialect().unconverted(each.sql) if each.kind == "time" else each.sql


@dataclass
class Values:
    """Makes values of what the database gave: times in `zone`, plans by their names."""

    zone: zoneinfo.ZoneInfo
    palette: PlanAndTagNames
    blocked: Mapping[Any, Block] = field(default_factory=dict)
    near: Collection[Any] = ()

    def look_up(self, blocked: Iterable[Any], near: Collection[Any]) -> None:
        """Have the blocks of these users at hand, and who is near a limit: ids as in the rows."""
        given = {read_id(id_): id_ for id_ in blocked}
        current = blocks.current(list(given)) if given else {}
        self.blocked = {given[id_]: block for id_, block in current.items()}
        self.near = near

    def time(self, value: dt.datetime | str | None) -> str | None:
        """ISO 8601 with the offset; None for never."""
        if value is None:
            return None
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
        return None if value <= NEVER else value.astimezone(self.zone).isoformat(timespec="seconds")

    def moderated(self, each: Field) -> Callable[[Any], str | None]:
        """What makes the field of a user's id."""

        def status(id_: Any) -> str:
            return "blocked" if id_ in self.blocked else "near" if id_ in self.near else "active"

        def until(id_: Any) -> str | None:
            block = self.blocked.get(id_)
            return None if block is None or block.is_for_good else self.time(block.until)

        def reason(id_: Any) -> str | None:
            return self.blocked[id_].reason if id_ in self.blocked else None

        return {"status": status, "blockedUntil": until, "blockReason": reason}[each.key]

    def plan(self, key: str | None) -> str | None:
        return self.palette.plan_name(key) if key else None


def id_text(value: uuid.UUID | str) -> str:
    """An id with its hyphens; SQLite keeps it without."""
    if isinstance(value, str):
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value)


def all_tags(pair: str) -> list[str]:
    """Operators' and reporters' tags together, in order."""
    assigned, told = msgspec.json.decode(pair)
    return sorted({*assigned, *told})
