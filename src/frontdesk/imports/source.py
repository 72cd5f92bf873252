"""A file that is read once, from its start; gzip is decompressed."""

import gzip
import lzma
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from frontdesk.imports.archive import ZIP, open_archive
from frontdesk.imports.errors import ImportFileError

_GZIP = b"\x1f\x8b"
_READ_ERRORS = (OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)


class _Peekable(Protocol):
    def peek(self, size: int = ..., /) -> bytes: ...


class Source:
    """An open file: `read` and `readline` return its contents, `position` is the progress.

    Position and size are bytes of the file itself, before decompression; the size of a pipe is
    unknown (None), and its position stays 0. Reading raises ImportFileError for damaged gzip data
    and disk errors.
    """

    def __init__(self, raw: BinaryIO, name: str, size: int | None) -> None:
        self.name = name
        self.size = size
        self._raw = raw
        self._content = raw
        with self._explained():
            start = cast(_Peekable, raw).peek(len(_GZIP))
        if start.startswith(_GZIP):
            self._content = cast(BinaryIO, gzip.GzipFile(fileobj=raw))

    @property
    def position(self) -> int:
        return 0 if self.size is None else self._raw.tell()

    def read(self, limit: int) -> bytes:
        with self._explained():
            return self._content.read(limit)

    def readline(self, limit: int) -> bytes:
        """The next line with its end, or its next `limit` bytes; empty at the end of the file."""
        with self._explained():
            return self._content.readline(limit)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except EOFError:
            raise ImportFileError(
                f"{self.name} is incomplete: its compressed data ends too early"
            ) from None
        except _READ_ERRORS as error:
            raise ImportFileError(f"{self.name} cannot be read further: {error}") from None


@contextmanager
def open_source(path: Path | None, members: re.Pattern[str] | None = None) -> Iterator[Source]:
    """Open a file, or standard input for None. Raises ImportFileError if it cannot be opened.

    Of a zip archive the members whose names match `members` are read, if it is given.
    """
    if path is None:
        yield Source(sys.stdin.buffer, "standard input", None)
        return
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise ImportFileError(f"There is no file {path}") from None
    except OSError as error:
        raise ImportFileError(f"{path} cannot be opened: {error.strerror}") from None
    with file:
        if members and file.peek(len(ZIP)).startswith(ZIP):
            content, size = open_archive(path, members)
            with content:
                yield Source(content, path.name, size)
        else:
            yield Source(file, path.name, path.stat().st_size if path.is_file() else None)


def read_twice(path: Path | None) -> Path:
    """The file, if it can be read twice. Raises ImportFileError for pipes."""
    if path is None:
        raise ImportFileError("An export is read twice, so it cannot come from standard input")
    if path.exists() and not path.is_file():
        raise ImportFileError(f"{path} is not a regular file, and an export is read twice")
    return path
