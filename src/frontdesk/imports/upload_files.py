"""The files of uploads: a folder for each in the home, which only the server's user can read."""

import re
import shutil
import uuid
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from frontdesk.imports.models import Upload

REJECTED = ".rejected"
PART = ".part"
_MAX_NAME, _MAX_ENDING = 50, 8
"""Characters, of up to 4 bytes each in UTF-8: file systems allow 255 bytes."""
_UNSAFE = re.compile(r"[^\w .()+-]+")


def root() -> Path:
    """The folder of all uploads, created if it is missing."""
    folder: Path = settings.ENV.home / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def new_part() -> BinaryIO:
    """A new file for what is being uploaded, on the disk where it will stay."""
    return (root() / f"{uuid.uuid4()}{PART}").open("xb")


def free_space() -> int:
    """Bytes that may still be uploaded, so that a tenth of the disk stays free."""
    usage = shutil.disk_usage(root())
    return max(0, usage.free - usage.total // 10)


def keep(part: Path, upload: Upload) -> None:
    """Move a file that was received completely to its upload's folder."""
    folder = _folder(upload.id)
    folder.mkdir(mode=0o700)
    part.rename(folder / _safe_name(upload.file_name))


def path_of(upload: Upload) -> Path:
    """The uploaded file, which may be gone."""
    return _folder(upload.id) / _safe_name(upload.file_name)


def rejected(upload_id: uuid.UUID) -> dict[str, Path]:
    """What the import set aside, if anything: the rejected "lines", and the "reasons" beside."""
    found: dict[str, Path] = {}
    for file in sorted(_folder(upload_id).glob(f"*{REJECTED}*")):
        found["reasons" if file.name.endswith(".reasons.txt") else "lines"] = file
    return found


def delete_file(upload: Upload) -> None:
    """Delete the uploaded file; what was rejected stays."""
    path_of(upload).unlink(missing_ok=True)


def delete_rejected(upload_id: uuid.UUID) -> None:
    for file in rejected(upload_id).values():
        file.unlink(missing_ok=True)


def delete_folder(upload_id: uuid.UUID) -> None:
    shutil.rmtree(_folder(upload_id), ignore_errors=True)


def delete_unknown(before: float) -> None:
    """Delete folders without an upload, and parts that were left before this Unix time."""
    entries = list(root().iterdir())  # before the rows: an upload has its row before its folder
    known = {str(id_) for id_ in Upload.objects.values_list("id", flat=True)}
    for entry in entries:
        if entry.suffix != PART and entry.name not in known:
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.suffix == PART and entry.stat().st_mtime < before:
            entry.unlink(missing_ok=True)


def _folder(upload_id: uuid.UUID) -> Path:
    return root() / str(upload_id)


def _safe_name(name: str) -> str:
    """The client's name as far as it is harmless: some formats say something in it.

    It has no separator and does not begin with a period, so it stays in its folder.
    """
    stem, dot, ending = _UNSAFE.sub("_", name).replace(REJECTED, "_rejected").rpartition(".")
    if not dot or len(ending) > _MAX_ENDING:
        stem, ending = f"{stem}{dot}{ending}", ""
    stem = stem.strip(" .")[:_MAX_NAME] or "file"
    return f"{stem}.{ending}" if ending else stem
