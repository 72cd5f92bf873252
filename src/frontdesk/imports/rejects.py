"""Sets rejected lines aside, so that they can be corrected and imported."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self, cast

from django.conf import settings

from frontdesk.imports.errors import ImportFileError, printable
from frontdesk.imports.recording import Entry, OnRejected
from frontdesk.imports.report import Report


class Position(Protocol):
    """A line, or a row of a table; `raw` is what stands there, with or without its end."""

    @property
    def number(self) -> int: ...
    @property
    def raw(self) -> bytes: ...


@contextmanager
def set_aside(
    path: Path | None, report: Report, ending: str = "jsonl", head: bytes = b""
) -> Iterator[OnRejected]:
    """Sets what is rejected at each Position aside, once; nothing in a dry run. See Rejects.

    `ending` is that of the file's name; `head` is what stands above the first line.
    """
    with Rejects(path, ending, head) as rejects:
        try:
            yield _Aside(rejects, report)
        finally:
            if rejects.path:
                report.notice(
                    f"What was rejected is in {rejects.path}, and the reasons are in the file"
                    " beside it, in the same order. Correct it and import that file."
                )


class _Aside:
    def __init__(self, rejects: "Rejects", report: Report) -> None:
        self._rejects = rejects
        self._report = report
        self._last = 0

    def __call__(self, entry: Entry, reason: str) -> None:
        position = cast(Position, entry.position)
        if position.number != self._last and not self._report.dry_run:
            self._rejects.add(position.raw, f"{position}: {reason}")
        self._last = position.number


class Rejects:
    """Two files beside the imported one, created with the first rejected line.

    FILE.rejected.jsonl (or .csv) has the unchanged lines; FILE.rejected.reasons.txt says in the
    same order what is wrong. They are in the home if FILE's folder is not writable, and for
    standard input (None). Files of earlier imports are not touched, because they may be half
    corrected.
    """

    def __init__(self, path: Path | None, ending: str = "jsonl", head: bytes = b"") -> None:
        self._ending, self._head = ending, head
        self._name = path.name if path else "stdin"
        home = settings.ENV.home / "rejected"
        self._folders = [path.parent, home] if path else [home]
        self._files: tuple[BinaryIO, BinaryIO] | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def path(self) -> Path | None:
        """The file with the lines, or None if there are none."""
        return Path(self._files[0].name) if self._files else None

    def add(self, raw: bytes, reason: str) -> None:
        """Set a line aside; a line that is too long becomes a blank line.

        Raises ImportFileError if no file can be written.
        """
        try:
            self._files = self._files or self._open()
            lines, reasons = self._files
            lines.write(raw.rstrip(b"\r\n") + b"\n")
            reasons.write(printable(reason).encode("utf-8", "replace") + b"\n")
        except OSError as error:
            raise ImportFileError(f"Rejected lines cannot be set aside: {error}") from None

    def _open(self) -> tuple[BinaryIO, BinaryIO]:
        *first, last = self._folders
        for folder in first:
            try:
                return self._open_in(folder)
            except OSError:
                continue
        last.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._open_in(last)

    def _open_in(self, folder: Path) -> tuple[BinaryIO, BinaryIO]:
        number = 1
        while True:
            # The stack closes the files that were opened.
            stem = folder / f"{self._name}.rejected{'' if number == 1 else f'-{number}'}"
            try:
                lines = self._stack.enter_context(Path(f"{stem}.{self._ending}").open("xb"))  # noqa: SIM115
                reasons = self._stack.enter_context(Path(f"{stem}.reasons.txt").open("wb"))  # noqa: SIM115
            except FileExistsError:
                number += 1
            else:
                lines.write(self._head)
                return lines, reasons
