"""What the imports of tables have in common."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.core.json_text import JsonError, loads
from frontdesk.imports.files import record_entries
from frontdesk.imports.journal import journaled
from frontdesk.imports.options import Options
from frontdesk.imports.recording import Entry, Recorder
from frontdesk.imports.rejects import set_aside
from frontdesk.imports.report import Report
from frontdesk.imports.source import open_source
from frontdesk.imports.tables.columns import Columns
from frontdesk.imports.tables.reading import Row, Table, read_table
from frontdesk.ledger.events import Event, EventError

EventOf = Callable[[Row], Event]
"""The event of a row without problems. Raises EventError."""

_NUMBERS = ("sequence", "inputTokens", "outputTokens", "cachedTokens", "cost", "latencyMs")
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_FLAGS = ("newSession", "failed")
_FLAG = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def import_table(
    agent: Agent,
    path: Path | None,
    report: Report,
    format_: str,
    reader_of: Callable[[Table], EventOf],
    recorder_of: type[Recorder] = Recorder,
) -> None:
    """Record a CSV file, or standard input for None, in constant memory. Raises ImportFileError.

    `reader_of` gives the function that reads the table's rows, or refuses its header. Rejected rows
    are set aside; see set_aside.
    """
    with open_source(path) as source:
        table = read_table(source)
        event_of = reader_of(table)
        with (
            set_aside(path, report, "csv", table.head) as on_rejected,
            journaled(agent, format_, path, report),
        ):
            entries = _entries(table.rows, event_of)
            record_entries(agent, source, entries, report, on_rejected, recorder_of)


def _entries(rows: Iterator[Row], event_of: EventOf) -> Iterator[Entry]:
    for row in rows:
        try:
            event = row.problem or event_of(row)
        except EventError as error:
            event = error.reason
        yield Entry(row, event, sys.getsizeof(row.text))


def platform_of(columns: Columns, report: Report, options: Options) -> str:
    """The platform of users of whom the table does not say it."""
    platform = options.platform or "api"
    if "platform" not in columns.fields and not options.platform:
        report.notice(
            f"No column means platform, so the users are on “{platform}”. Say another with"
            " --platform."
        )
    return platform


def value_of(name: str, cell: str) -> Any:
    """A cell as the event's field of this name has it; unchanged if it cannot be read."""
    if name in _NUMBERS:
        return int(cell) if _WHOLE.fullmatch(cell) else cell
    if name in _FLAGS:
        return _FLAG.get(cell.lower(), cell)
    if name == "tags":
        return [tag.strip() for tag in re.split("[,;|]", cell)]
    if name == "attributes":
        try:
            return loads(cell)
        except JsonError:
            return cell
    return cell
