"""Exports that are zip archives: their text is read without unpacking them to the disk."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from frontdesk.imports.errors import ImportFileError

ZIP = b"PK\x03\x04"

MAX_UNPACKED = 4 * 1024**3
"""In bytes, of all members that are read: a small archive can pretend to any size."""
MAX_MEMBERS = 1_000


def open_archive(path: Path, wanted: re.Pattern[str]) -> tuple[BinaryIO, int]:
    """The members of a zip archive whose names match, one after the other, and their size.

    Raises ImportFileError if there are none, or they cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
        found = [info for info in archive.infolist() if wanted.search(info.filename)]
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise ImportFileError(f"{path.name} is a damaged zip archive: {error}") from None
    size = sum(info.file_size for info in found)
    problem = ""
    if not found:
        problem = "has none of the files that this import reads"
    elif any(info.flag_bits & 1 for info in found):
        problem = "is encrypted: unpack it first"
    elif size > MAX_UNPACKED or len(found) > MAX_MEMBERS:
        problem = "is too large: unpack it, and import its files one by one"
    if problem:
        archive.close()
        raise ImportFileError(f"The zip archive {path.name} {problem}")
    found.sort(key=lambda info: info.filename)
    return cast(BinaryIO, io.BufferedReader(_Members(archive, found))), size


class _Members(io.RawIOBase):
    """The members of an archive as one stream, each on lines of its own."""

    def __init__(self, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._members = iter(members)
        self._open: zipfile.ZipExtFile | None = None
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _next(self, limit: int) -> bytes:
        if self._open and (data := self._open.read(limit)):
            return data
        following = next(self._members, None)
        if following is None:
            return b""
        is_first = self._open is None
        self._open = cast(zipfile.ZipExtFile, self._archive.open(following))
        return self._next(limit) if is_first else b"\n"

    def close(self) -> None:
        self._archive.close()
        super().close()
