"""The fields of an exported file, and their values."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import read_id
from frontdesk.gate import blocks
from frontdesk.gate.models import Block
from frontdesk.ledger.models import NEVER
from frontdesk.people.table.columns import COLUMNS, Field
from frontdesk.people.table.rows import PlanAndTagNames

ALWAYS = (
    Field("id", _("Id"), "id", "id"),
    Field("externalId", _("External id"), "text", "external_id"),
)
"""The fields of every file, whatever its columns."""


def fields_of(columns: Iterable[str]) -> list[Field]:
    """Both ids, then the fields of these columns."""
    return [*ALWAYS, *(each for key in columns for each in COLUMNS[key].fields)]


def select_of(each: Field) -> str:
    """The SQL of a field."""
    if each.kind == "tags":
        return dialect().json_list("u.assigned_tags", "u.tags")
    column = f"u.{each.column}"
    return dialect().unconverted(column) if each.kind == "time" else column


@dataclass
class Values:
    """Converts database values to values of the file: times in `zone`, plans by name."""

    zone: zoneinfo.ZoneInfo
    names: PlanAndTagNames
    blocked: Mapping[Any, Block] = field(default_factory=dict)
    near_limit: Collection[Any] = ()

    def look_up(self, blocked: Iterable[Any], near_limit: Collection[Any]) -> None:
        """Load the blocks of these users, and remember which are near a limit, by ids of rows."""
        given = {read_id(id_): id_ for id_ in blocked}
        current = blocks.current(list(given)) if given else {}
        self.blocked = {given[id_]: block for id_, block in current.items()}
        self.near_limit = near_limit

    def time(self, value: dt.datetime | str | None) -> str | None:
        """ISO 8601 with the offset; None for never."""
        if value is None:
            return None
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
        return (
            None
            if value <= NEVER
            else value.astimezone(self.zone).isoformat(timespec="microseconds")
        )

    def moderated(self, each: Field) -> Callable[[Any], str | None]:
        """The function from a user's id to the value of the field."""

        def status(id_: Any) -> str:
            if id_ in self.blocked:
                return "blocked"
            return "near" if id_ in self.near_limit else "active"

        def until(id_: Any) -> str | None:
            block = self.blocked.get(id_)
            return None if block is None or block.is_for_good else self.time(block.until)

        def reason(id_: Any) -> str | None:
            return self.blocked[id_].reason if id_ in self.blocked else None

        return {"status": status, "blockedUntil": until, "blockReason": reason}[each.key]

    def plan(self, key: str | None) -> str | None:
        return self.names.plan_name(key) if key else None


def id_text(value: uuid.UUID | str) -> str:
    """An id with hyphens; SQLite stores it without."""
    if isinstance(value, str):
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value)


def all_tags(pair: str) -> list[str]:
    """Assigned and reported tags together, in order."""
    assigned, reported = msgspec.json.decode(pair)
    return sorted({*assigned, *reported})
