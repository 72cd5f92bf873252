"""Files of JSON objects, and the archives that they may be in."""

import io
import json
import re
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from frontdesk.imports import archive
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.records import RecordReader
from frontdesk.imports.source import Source, open_source

EVERYTHING = re.compile("")


def read(content: bytes) -> list[tuple[int, Any, dict[str, Any]]]:
    raw = io.BufferedReader(io.BytesIO(content))
    reader = RecordReader(Source(raw, "x.json", len(content)), ("data",), "a list")
    return [tuple(record) for record in reader.records()]


@pytest.mark.parametrize(
    "content",
    [
        b'[{"a": 1}, {"a": 2}]',
        b'{"a": 1}\n{"a": 2}\n',
        b'{"a": 1}{"a": 2}',
        b'[{"a": 1}]\n[{"a": 2}]',
        b'\xef\xbb\xbf[\n  {\n"a": 1}, {"a": 2}]\r\n',
    ],
)
def test_shapes_of_a_file(content: bytes) -> None:
    assert read(content) == [(1, {"a": 1}, {}), (2, {"a": 2}, {})]


def test_a_list_in_an_object_knows_the_object() -> None:
    (record,) = read(b'{"id": 5, "data": [7], "meta": {"page": 1}}')
    assert record == (1, 7, {"id": 5, "meta": {"page": 1}})


def test_memory_is_flat_in_the_size_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    one = json.dumps({"text": "A text of no great length. " * 20, "more": list(range(50))})
    file.write_text(f"[{','.join([one] * 20_000)}]")
    tracemalloc.start()
    with open_source(file) as source:
        assert sum(1 for _ in RecordReader(source, (), "a list").records()) == 20_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < file.stat().st_size / 10


def make_zip(file: Path, *contents: bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for number, content in enumerate(contents):
            made.writestr(f"{number}.txt", content)
    return file


def unpacked(file: Path) -> bytes:
    with open_source(file, EVERYTHING) as source:
        return b"".join(iter(lambda: source.read(7), b""))


def test_the_members_of_an_archive_follow_each_other(tmp_path: Path) -> None:
    assert unpacked(make_zip(tmp_path / "x.zip", b"one", b"", b"three\n")) == b"one\n\nthree\n"


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    file = make_zip(tmp_path / "x.zip", bytes(range(256)) * 100)
    content = bytearray(file.read_bytes())
    for position in (26, 60):  # in the header of the member, and in its data
        damaged = content.copy()
        damaged[position] ^= 0xFF
        file.write_bytes(damaged)
        with pytest.raises(ImportFileError, match=r"x\.zip cannot be read further"):
            unpacked(file)


def test_an_archive_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1_000)
    assert len(unpacked(make_zip(tmp_path / "x.zip", b"x" * 1_000))) == 1_000
    with pytest.raises(ImportFileError, match="is too large"):
        unpacked(make_zip(tmp_path / "y.zip", b"x" * 1_001))
