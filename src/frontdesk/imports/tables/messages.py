"""CSV files with one message in each row."""

import datetime as dt
import hashlib
import itertools
import json
import re
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.imports.lenient import FIELDS, field_of, read_fields
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.roles import role_of
from frontdesk.imports.tables.columns import Columns, find_columns, notice_unused, require
from frontdesk.imports.tables.importing import import_table, platform_of, value_of
from frontdesk.imports.tables.reading import Row, Table
from frontdesk.imports.times import read_time
from frontdesk.ledger.events import Event, EventError

REMEMBERED = 10_000
"""So many different messages, and moments, are remembered to number what is alike."""

_PEEKED, _PEEKED_CHARACTERS = 1_000, 1_000_000
_LAST = 1_000_000
_NEEDED = {
    "externalId": "your id of the user",
    "role": "user, agent, tool or system",
    "time": "when it was sent",
    "text": "what was written",
}
_TIMES = ("time", "editedAt")
_NUMBERED = re.compile(r"\D*[0-9]{1,15}")
"""An id that tells the order of messages, such as m12."""


def import_csv(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record the messages of a file, or of standard input for None, in constant memory.

    A message without an id gets one that follows from its user, time, role and text. Raises
    ImportFileError.
    """

    def reader_of(table: Table) -> _Reader:
        columns = find_columns(table, FIELDS, field_of, options.columns)
        require(table, columns, _NEEDED)
        notice_unused(report, columns.others)
        return _Reader(
            table, columns, platform_of(columns, report, options), options.zone or agent.zone
        )

    import_table(agent, path, report, "csv", reader_of)


class _Reader:
    """Reads a table's rows, in their order, as events."""

    def __init__(self, table: Table, columns: Columns, platform: str, zone: dt.tzinfo) -> None:
        self._columns = columns
        self._platform = platform
        self._zone = zone
        self._is_newest_first = self._falls(_peek(table))
        self._same, self._moments = _Counter(), _Counter()

    def __call__(self, row: Row) -> Event:
        """Raises EventError."""
        cells, fields = self._read(row)
        has_id = "messageId" in fields or {"sessionId", "sequence"} <= fields.keys()
        if not has_id:
            fields["messageId"] = self._id(cells)
        if "sequence" not in fields and not _NUMBERED.fullmatch(cells.get("messageId", "")):
            fields["sequence"] = self._place(fields)
        return read_fields(fields)

    def _read(self, row: Row) -> tuple[dict[str, str], dict[str, Any]]:
        """The cells, and the fields that they mean, as far as they can be read."""
        cells = self._columns.values(row.cells)
        cells.setdefault("platform", self._platform)
        fields = {name: value_of(name, cell) for name, cell in cells.items()}
        for name in fields.keys() & {*_TIMES}:
            with suppress(EventError):  # read_fields() says so, with all other faults
                fields[name] = read_time(cells[name], name, self._zone)
        if "role" in cells:
            fields["role"] = role_of(cells["role"]) or cells["role"]
        return cells, fields

    def _id(self, cells: dict[str, str]) -> str:
        """The same whenever this row is imported: of equal rows, by how many are above.

        It is made of the time as it is written, so another zone does not make another message.
        """
        names = ("platform", "externalId", "time", "role", "text")
        digest = _digest([cells.get(name, "") for name in names])
        return f"csv:{digest.hex()[:32]}:{self._same.add(digest)}"

    def _place(self, fields: dict[str, Any]) -> int:
        """The place of the message among those of its user and moment."""
        who_and_when = [str(fields.get(name)) for name in ("platform", "externalId", "time")]
        number = self._moments.add(_digest(who_and_when))
        return max(0, _LAST - number) if self._is_newest_first else number

    def _falls(self, rows: list[Row]) -> bool:
        """Whether the users' messages mostly stand above their earlier ones."""
        moments = [(f.get("externalId"), f.get("time")) for _, f in map(self._read, rows)]
        score = 0
        for (user, time), (other, later) in itertools.pairwise(moments):
            if user == other and isinstance(time, dt.datetime) and isinstance(later, dt.datetime):
                score += (time > later) - (time < later)
        return score > 0


def _peek(table: Table) -> list[Row]:
    """The first rows of a table, which stay there."""
    rows, characters = [], 0
    for row in itertools.islice(table.rows, _PEEKED):
        rows.append(row)
        characters += len(row.text)
        if characters > _PEEKED_CHARACTERS:
            break
    table.rows = itertools.chain(rows, table.rows)
    return rows


class _Counter:
    """Counts how often each key was added, and forgets the one that was not for longest."""

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()

    def add(self, key: bytes) -> int:
        """How often the key was added before."""
        before = self._counts.pop(key, 0)
        self._counts[key] = before + 1
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
        return before


def _digest(values: list[str]) -> bytes:
    return hashlib.sha256(json.dumps(values).encode()).digest()
