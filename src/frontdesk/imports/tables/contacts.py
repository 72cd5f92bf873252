"""CSV files with one user in each row, and no messages."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from frontdesk.agents.models import Agent
from frontdesk.imports.fallbacks import Fallbacks, fallbacks_of
from frontdesk.imports.lenient import fold, read_fields
from frontdesk.imports.options import Options
from frontdesk.imports.recording import ContactRecorder
from frontdesk.imports.report import Report
from frontdesk.imports.tables.columns import Columns, find_columns, notice_unused, require
from frontdesk.imports.tables.importing import import_table, platform_of, value_of
from frontdesk.imports.tables.reading import Row, Table
from frontdesk.imports.times import read_time
from frontdesk.ledger.events import EARLIEST, MAX_ATTRIBUTES, Event, EventError

FIELDS = (
    "externalId platform name username email language plan tags avatarUrl attributes time firstSeen"
).split()
"""`time` is when the profile was as the row says, `firstSeen` since when the user is known."""

_BY_FOLDED = {
    **{fold(name): name for name in FIELDS},
    **dict.fromkeys("id userid user uid contactid customerid".split(), "externalId"),
    **dict.fromkeys("fullname displayname".split(), "name"),
    **dict.fromkeys("mail emailaddress".split(), "email"),
    **dict.fromkeys("handle login".split(), "username"),
    **dict.fromkeys("lang locale".split(), "language"),
    **dict.fromkeys("tag labels".split(), "tags"),
    **dict.fromkeys("avatar picture".split(), "avatarUrl"),
    **dict.fromkeys("updated updatedat modifiedat lastseen lastseenat".split(), "time"),
    **dict.fromkeys("created createdat firstseenat signedup signedupat".split(), "firstSeen"),
}
"""What other programs call these fields, without case and separators."""

_TIMES = ("firstSeen", "time")


def import_contacts(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record the users of a file, or of standard input for None, in constant memory.

    Columns that mean no field become attributes. Raises ImportFileError.
    """
    fallbacks = fallbacks_of(path, options)

    def reader_of(table: Table) -> _Reader:
        columns = find_columns(
            table, FIELDS, lambda name: _BY_FOLDED.get(fold(name), ""), options.columns
        )
        require(table, columns, {"externalId": "your id of the user"})
        further = [name for name in columns.others if 0 < len(name) <= 255][:MAX_ATTRIBUTES]
        notice_unused(report, [name for name in columns.others if name not in further])
        columns.others = {name: columns.others[name] for name in further}
        platform = platform_of(columns, report, options)
        return _Reader(columns, platform, options.zone or agent.zone, fallbacks)

    try:
        import_table(agent, path, report, "contacts", reader_of, ContactRecorder)
    finally:
        fallbacks.report(report, "contacts")


class _Reader:
    """Reads the rows of a table as events, of which only the profile counts."""

    def __init__(
        self, columns: Columns, platform: str, zone: dt.tzinfo, fallbacks: Fallbacks
    ) -> None:
        self._columns = columns
        self._platform = platform
        self._zone = zone
        self._fallbacks = fallbacks

    def __call__(self, row: Row) -> Event:
        """Raises EventError with all faults of the row."""
        cells = self._columns.values(row.cells)
        faults: list[str] = []
        first, updated = (self._time(name, cells, faults) for name in _TIMES)
        updated = updated or (self._fallbacks.time if faults else self._fallbacks.give_time())
        if first and not EARLIEST <= first <= updated:
            faults.append("firstSeen is before 1980, or after the time of the row")
        try:
            event = read_fields({**self._profile(row, cells), "time": updated})
        except EventError as error:
            faults.append(error.reason)
        if faults:
            raise EventError("; ".join(faults))
        return msgspec.structs.replace(event, time=first, edited_at=updated) if first else event

    def _time(self, name: str, cells: dict[str, str], faults: list[str]) -> dt.datetime | None:
        cell = cells.pop(name, "")
        try:
            return read_time(cell, name, self._zone) if cell else None
        except EventError as error:
            faults.append(error.reason)
            return None

    def _profile(self, row: Row, cells: dict[str, str]) -> dict[str, Any]:
        """The fields of a row, without times; what every event needs is filled in."""
        fields: dict[str, Any] = {"platform": self._platform, "role": "user", "messageId": "-"}
        fields |= {name: value_of(name, cell) for name, cell in cells.items()}
        further = self._columns.further(row.cells)
        own = fields.get("attributes", {})
        if further and isinstance(own, dict):
            fields["attributes"] = {**further, **own}
        return fields
