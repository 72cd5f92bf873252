"""A CSV file as rows of text: its encoding, its delimiter, and its header."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.source import Source
from frontdesk.imports.tables.splitting import MAX_ROW, RawRow, cells_of, split_rows

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 1_000

_PIECE = 256 * 1024
_SEPARATOR = re.compile(r'"?sep=([^"\w\s]|\t)"?[ \t]*(\r\n?|\n)', re.IGNORECASE)
"""Excel's first line that names the delimiter."""
_OTHERS = {
    b"PK\x03\x04": "an Excel workbook or another zip archive: save it as “CSV UTF-8”",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as “CSV UTF-8”",
}
_JSON = re.compile(rb'\s*(\{|\[\s*[\[{"])')


class Row(NamedTuple):
    """One row below the header. `cells` is empty, and `text` may be, if it has a `problem`."""

    number: int
    line: int
    text: str
    cells: list[str]
    problem: str = ""

    def __str__(self) -> str:
        shown = f"row {self.number:,}"
        return shown if self.line == self.number else f"{shown} (line {self.line:,})"

    @property
    def raw(self) -> bytes:
        """As it stands in the file; in UTF-8, whatever the file is in."""
        return self.text.encode("utf-8", "surrogateescape")


@dataclass
class Table:
    """An open CSV file. `head` is what stands before its rows: the header, and what is above it.

    Rows count as spreadsheets show them: the header is row 1.
    """

    name: str
    head: bytes
    header: list[str]
    rows: Iterator[Row]


def read_table(source: Source) -> Table:
    """Read the header, and the rows as they are asked for. Raises ImportFileError."""
    pieces = _pieces(source)
    start = next(pieces, "")
    found = _SEPARATOR.match(start)
    above = found[0] if found else ""
    delimiter = found[1] if found else max(DELIMITERS, key=lambda d: _width(start, d))
    rest = itertools.chain([start[len(above) :]], pieces)
    rows = enumerate(split_rows(rest, delimiter, 2 if above else 1), 1)
    for number, raw in rows:
        above += raw.text
        if first := _row(number, raw, delimiter):
            break
    else:
        raise ImportFileError(f"{source.name} is empty: {_HEADER}")
    if first.problem:
        raise ImportFileError(f"{source.name} has no header that can be read: {first.problem}")
    header = [cell.strip() for cell in first.cells]
    if len(header) > MAX_COLUMNS:
        raise ImportFileError(f"{source.name} has more than {MAX_COLUMNS:,} columns")
    below = (_row(number, raw, delimiter, len(header)) for number, raw in rows)
    return Table(source.name, above.encode(), header, (row for row in below if row))


_HEADER = "a CSV file begins with a row that names its columns"


def _width(text: str, delimiter: str) -> int:
    """How many cells the first row that is not blank would have with this delimiter."""
    rows = (_row(1, raw, delimiter) for raw in split_rows([text], delimiter))
    return next((len(row.cells) for row in rows if row), 0)


def _row(number: int, raw: RawRow, delimiter: str, columns: int | None = None) -> Row | None:
    """The row, or None for a blank one."""
    if not raw.text:
        return _bad(number, raw, f"longer than {MAX_ROW:,} characters, and not set aside")
    if not raw.is_closed:
        return _bad(number, raw, "a quotation mark begins a cell that does not end")
    if not _is_text(raw.text):
        return _bad(number, raw, "not text in UTF-8: save the file as “CSV UTF-8”")
    try:
        cells = cells_of(raw.text, delimiter)
    except csv.Error:
        return _bad(number, raw, f"a cell is longer than {csv.field_size_limit():,} characters")
    if not any(map(str.strip, cells)):
        return None
    if columns is not None and any(cells[columns:]):
        found = f"{len(cells)} cells, but the header has {columns}"
        return _bad(number, raw, f"{found}: a {_named(delimiter)} in a text needs quotation marks")
    return Row(number, raw.line, raw.text, cells)


def _bad(number: int, raw: RawRow, problem: str) -> Row:
    return Row(number, raw.line, raw.text, [], problem)


def _named(delimiter: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab"}.get(delimiter, delimiter)


def _is_text(text: str) -> bool:
    """Whether all bytes were UTF-8; others are surrogates now."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _pieces(source: Source) -> Iterator[str]:
    """The file's text. A line's end of two characters is never cut."""
    raw = source.read(_PIECE)
    for beginning, what in _OTHERS.items():
        if raw.startswith(beginning):
            raise ImportFileError(f"{source.name} is {what}")
    if _JSON.match(raw):
        raise ImportFileError(f"{source.name} is JSON: `frontdesk import jsonl` reads its lines")
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding, errors = ("utf-16", "strict") if is_wide else ("utf-8-sig", "surrogateescape")
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding)(errors), translate=False
    )
    try:
        while raw:
            yield decoder.decode(raw)
            raw = source.read(_PIECE)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise ImportFileError(f"{source.name} is damaged UTF-16 text: {error.reason}") from None
