"""The bytes of a file as valid JSON: in UTF-8, without Telegram Desktop's errors."""

import codecs
import re
import sys

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.source import Source

_ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",  # saved by old editors and shells on Windows
    codecs.BOM_UTF16_BE: "utf-16",
}
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_LAST_BACKSLASHES = re.compile(rb"(\\+)[^\\]{0,2}\Z")
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)

LONGEST_NUMBER = 4_200
"""Digits in a row: more than the 4,096 characters of a message, fewer than int() accepts."""


class JsonText:
    """The input of ijson: `read` returns clean pieces of the file's JSON.

    Telegram Desktop writes control characters as \\x0B, which is not JSON. Bytes that are not UTF-8
    become U+FFFD, so that one bad name does not end an import. `begin` says that a value begins;
    a value of more than `max_value` bytes is refused, because ijson holds a text in memory.
    """

    def __init__(self, source: Source, max_value: int = sys.maxsize) -> None:
        self._source = source
        self._max_value = max_value
        self._value = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._held = b""  # the start of an escape that the next piece completes
        self._window = b""

    def read(self, limit: int) -> bytes:
        """The next piece, of about `limit` bytes; empty at the end."""
        if limit == 0:
            return b""  # ijson tests this way for bytes
        while raw := self._source.read(limit):
            self._value += len(raw)
            if self._value > self._max_value:
                raise ImportFileError(f"a value is longer than {self._max_value:,} bytes")
            if piece := self._clean(raw, final=False):
                return piece
        return self._clean(b"", final=True)

    def begin(self) -> None:
        self._value = 0

    def _clean(self, raw: bytes, *, final: bool) -> bytes:
        if self._decoder is None:
            encoding = next((e for bom, e in _ENCODINGS.items() if raw.startswith(bom)), "utf-8")
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        text = self._decoder.decode(raw, final).encode("utf-8", "replace")
        self._refuse_endless_number(text)
        piece = self._held + text
        self._held = b""
        if not final and b"\\" in piece[-3:]:
            piece, self._held = _split_open_escape(piece)
        return _ESCAPE.sub(_as_json, piece) if b"\\x" in piece else piece

    def _refuse_endless_number(self, text: bytes) -> None:
        """ijson (3.6) crashes Python on an integer that int() refuses."""
        window = self._window + text
        if b"0" * LONGEST_NUMBER in window.translate(_DIGITS):
            raise ImportFileError(f"a number has more than {LONGEST_NUMBER:,} digits")
        self._window = window[-LONGEST_NUMBER:]


def _split_open_escape(piece: bytes) -> tuple[bytes, bytes]:
    """Split off the last escape, if more of it may follow."""
    end = _LAST_BACKSLASHES.search(piece)
    if end is None or len(end[1]) % 2 == 0:
        return piece, b""
    return piece[: end.end(1) - 1], piece[end.end(1) - 1 :]


def _as_json(escape: re.Match[bytes]) -> bytes:
    return b"\\u00" + escape[1] if escape[1] else escape[0]
