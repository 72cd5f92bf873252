"""Receives one large file straight into its place on the disk."""

from pathlib import Path
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class Receiver(FileUploadHandler):
    """Writes the first file of a form to `part`; others are ignored. Memory stays constant."""

    def __init__(self, part: BinaryIO) -> None:
        super().__init__()
        self._part = part
        self._is_used = False

    @property
    def path(self) -> Path:
        return Path(self._part.name)

    def new_file(self, *args: object, **kwargs: object) -> None:
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]
        if self._is_used:
            raise SkipFile
        self._is_used = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._part.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self._part.flush()
        return UploadedFile(self._part, self.file_name, self.content_type, file_size)

    def discard(self) -> None:
        """Delete what was received, unless it has been moved to its place."""
        self._part.close()
        self.path.unlink(missing_ok=True)
