"""Sets rejected lines aside, so that they can be corrected and imported."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.conf import settings

from frontdesk.imports.errors import ImportFileError, printable


class Rejects:
    """Two files beside the imported one, created with the first rejected line.

    FILE.rejected.jsonl has the unchanged lines; FILE.rejected.reasons.txt says on the same line
    what is wrong. They are in the home if FILE's folder is not writable, and for standard input
    (None). Files of earlier imports are not touched, because they may be half corrected.
    """

    def __init__(self, path: Path | None) -> None:
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
                lines = self._stack.enter_context(Path(f"{stem}.jsonl").open("xb"))  # noqa: SIM115
                reasons = self._stack.enter_context(Path(f"{stem}.reasons.txt").open("wb"))  # noqa: SIM115
            except FileExistsError:
                number += 1
            else:
                return lines, reasons
