"""Where the rows of a CSV text end, whatever is in their cells, in bounded memory.

Cells are read as Python's csv module reads them, which reads one row at a time here: by itself, it
has no bound for a row, and after a cell that is too long it reads on in the middle of the cell.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple

MAX_ROW = 1_000_000
"""In characters."""

_QUOTED = re.compile(r'[^"]*+(?:""[^"]*+)*+')
"""The inside of a quoted cell, up to the quotation mark that may end it."""


class RawRow(NamedTuple):
    """One row with its end; `text` is empty if it is too long."""

    line: int
    text: str
    is_closed: bool
    """Whether the last quoted cell ends."""


class _At(Enum):
    CELL = auto()
    """At the beginning of a cell."""
    PLAIN = auto()
    """In a cell without quotation marks, or after a quoted one."""
    QUOTED = auto()
    QUOTE = auto()
    """After a quotation mark in a quoted cell: it is half of two, or the end."""


class _Scanner:
    """Finds the ends of rows in a text that comes in pieces."""

    def __init__(self, delimiter: str) -> None:
        d = re.escape(delimiter)
        cell = rf'"{_QUOTED.pattern}"(?!")[^{d}\r\n]*+|[^"{d}\r\n][^{d}\r\n]*+'
        self._cells = re.compile(rf"(?:(?:{cell})?{d})*+")
        self._end = re.compile(rf'(\r\n|\r|\n)|{d}(?="|\Z)')
        self.at = _At.CELL

    def scan(self, text: str, start: int) -> tuple[int, bool]:
        """The end of the row that goes on at `start`, or else of the text; whether it is one."""
        while start < len(text):
            match self.at:
                case _At.CELL:
                    start = self._begin_cell(text, start)
                case _At.QUOTED:
                    start = self._read_quoted(text, start)
                case _At.QUOTE:
                    self.at = _At.QUOTED if text[start] == '"' else _At.PLAIN
                    start += self.at is _At.QUOTED
                case _At.PLAIN:
                    found = self._end.search(text, start)
                    self.at = _At.CELL if found else _At.PLAIN
                    start = found.end() if found else len(text)
                    if found and found[1]:
                        return start, True
        return len(text), False

    def _begin_cell(self, text: str, start: int) -> int:
        if whole := self._cells.match(text, start):
            start = whole.end()
        if text.startswith('"', start):
            self.at = _At.QUOTED
            return start + 1
        if start < len(text):
            self.at = _At.PLAIN
        return start

    def _read_quoted(self, text: str, start: int) -> int:
        found = _QUOTED.match(text, start)
        end = found.end() if found else start
        if end == len(text):
            return end
        self.at = _At.QUOTE
        return end + 1


def split_rows(pieces: Iterable[str], delimiter: str, line: int = 1) -> Iterator[RawRow]:
    """The rows of a text that begins in this line.

    No piece may end between the two characters of a line's end.
    """
    scanner = _Scanner(delimiter)
    parts: list[str] = []
    length, next_line = 0, line
    for piece in pieces:
        start = 0
        while start < len(piece):
            end, is_row = scanner.scan(piece, start)
            part, start = piece[start:end], end
            length += len(part)
            next_line += part.count("\n") + part.count("\r") - part.count("\r\n")
            if length <= MAX_ROW:
                parts.append(part)
            else:
                parts.clear()
            if is_row:
                yield RawRow(line, "".join(parts), is_closed=True)
                parts, length, line = [], 0, next_line
    if length:
        yield RawRow(line, "".join(parts), scanner.at is not _At.QUOTED)


def cells_of(row: str, delimiter: str) -> list[str]:
    """The cells of one row. Raises csv.Error for a cell that is too long."""
    return next(csv.reader([row], delimiter=delimiter), [])
