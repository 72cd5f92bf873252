"""Reads an export line by line, and joins the lines of each message."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.source import Source
from frontdesk.imports.whatsapp.headers import STYLES, Header, read_header
from frontdesk.ledger.events import MAX_TEXT

MAX_LINE = 1024 * 1024
MAX_LINES_BEFORE = 100
"""Of text before the first message."""

_SENDER = re.compile(r"([^:\n\"“”„«»]{1,255}):(?:\s|\Z)")
"""WhatsApp's own lines may quote a name of a group, in which there may be a colon."""


@dataclass
class RawMessage:
    """A message as it is in the file; WhatsApp's own lines have no sender."""

    line: int
    header: Header
    sender: str
    lines: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, line: str) -> None:
        """Add a line. What makes the text too long is left out: the text is rejected anyway."""
        if self.size <= MAX_TEXT:
            self.lines.append(line[: MAX_TEXT + 1])
            self.size += 1 + len(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def __str__(self) -> str:
        return f"line {self.line:,}"


def read_messages(source: Source) -> Iterator[RawMessage]:
    """Every message, in the file's order. Raises ImportFileError if this is no such export."""
    style: re.Pattern[str] | None = None
    current: RawMessage | None = None
    for number, line in _lines(source):
        if style is None:
            style = next((style for style in STYLES if read_header(line, style)), None)
            if style is None and number > MAX_LINES_BEFORE:
                break
        header = read_header(line, style) if style else None
        if header:
            if current:
                yield current
            found = _SENDER.match(header.rest)
            sender = found[1] if found else ""
            current = RawMessage(number, header, sender.strip())
            current.add(header.rest[found.end() :] if found else header.rest)
        elif current:
            current.add(line)
    if current is None:
        raise ImportFileError(
            f"{source.name} is not a WhatsApp export: no line begins as in"
            " “[31.12.24, 21:15:03] Alice: Hello” or “31/12/2024, 21:15 - Alice: Hello”"
        )
    yield current


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := source.readline(MAX_LINE):
        if not number and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ImportFileError(f"{source.name} is UTF-16 text: save it as UTF-8")
        number += 1
        while raw and len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            yield number, raw.decode("utf-8", "replace")
            raw = source.readline(MAX_LINE)
        yield number, raw.decode("utf-8", "replace").rstrip("\r\n")
