"""Files with one JSON object in each line, which are read line by line."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.imports.archive import ZIP
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.files import record_entries
from frontdesk.imports.journal import journaled
from frontdesk.imports.recording import Entry
from frontdesk.imports.rejects import set_aside
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source, open_source
from frontdesk.ledger.events import Event


class Line(NamedTuple):
    """One line of the file; `raw` is empty if it is too long."""

    number: int
    raw: bytes

    def __str__(self) -> str:
        return f"line {self.number:,}"


def import_lines(
    agent: Agent,
    path: Path | None,
    report: Report,
    format_: str,
    events_of: Callable[[Line], Iterable[Event | str]],
    max_line: int,
    *,
    repeats: bool = False,
) -> None:
    """Record the events of each line of a file, or of standard input for None.

    `events_of` gives the events of a line that is not too long, or reasons why there are none.
    Lines of which anything cannot be recorded are set aside; see set_aside. Raises ImportFileError.
    """
    with (
        open_source(path) as source,
        set_aside(path, report) as on_rejected,
        journaled(agent, format_, path, report),
    ):
        entries = _entries(_lines(source, max_line), events_of, max_line)
        record_entries(agent, source, entries, report, on_rejected, repeats=repeats)


def _entries(
    lines: Iterable[Line], events_of: Callable[[Line], Iterable[Event | str]], max_line: int
) -> Iterator[Entry]:
    too_long = [f"longer than {max_line:,} bytes, and not set aside"]
    for line in lines:
        for event in events_of(line) if line.raw else too_long:
            yield Entry(line, event, len(line.raw))


def _lines(source: Source, max_line: int) -> Iterator[Line]:
    """The lines that are not blank. Raises ImportFileError for another kind of file."""
    number, found = 0, False
    while raw := source.readline(max_line + 1):
        number += 1
        if number == 1:
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise ImportFileError(f"{source.name} is UTF-16 text: save it as UTF-8")
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) > max_line:
            while raw and not raw.endswith(b"\n"):
                raw = source.readline(max_line)
            found = True
            yield Line(number, b"")
        elif raw.strip():
            if not found:
                _refuse_other_formats(source.name, raw)
            found = True
            yield Line(number, raw)
    if not found:
        raise ImportFileError(f"{source.name} is empty: {_ONE_A_LINE}")


_ONE_A_LINE = "JSON lines have one object, {…}, in each line; docs/imports.md has an example"
_HEADER = re.compile(r"""["'\w][^{}\[\]]*[,;\t][^{}\[\]]*""")


def _refuse_other_formats(name: str, first: bytes) -> None:
    """Name the format of a file whose first line cannot be that of JSON lines."""
    start = first.strip()
    if start.startswith(b"["):
        raise ImportFileError(f"{name} is a JSON array: {_ONE_A_LINE}. `jq -c '.[]'` converts it")
    if start == b"{":
        raise ImportFileError(f"{name} is one JSON object over several lines: {_ONE_A_LINE}")
    if start.startswith(ZIP):
        raise ImportFileError(f"{name} is a zip archive: unpack it first")
    if _HEADER.fullmatch(start.decode("utf-8", "replace")):
        raise ImportFileError(
            f"{name} is a CSV table: `frontdesk import csv` reads messages, one a row, and"
            " `frontdesk import contacts` reads users"
        )
