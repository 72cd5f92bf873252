"""Limits uploads of files, which Django does not."""

from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class SmallBodies(FileUploadHandler):
    """Refuses bodies with files that are larger than any other body may be.

    Otherwise anyone could fill the disk: Django stores the files of a body before its view runs.
    """

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],  # noqa: N803  # Django's name
        content_length: int,
        *args: Any,
    ) -> None:
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("the files of this request are too large")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        return None
