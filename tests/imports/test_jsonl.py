"""JSON lines: valid ones are recorded, invalid ones are set aside with their reasons."""

import gzip
import io
import json
import os
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports import jsonl, recording
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.jsonl import MAX_LINE, import_jsonl
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.ledger.events import Event, Outcome
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.record import record
from tests.imports.exports import reasons


def event(number: int, **fields: Any) -> bytes:
    """The line of an event."""
    whole = {
        "platform": "web",
        "externalId": "u1",
        "role": "user",
        "time": f"2026-10-14T12:{number:02}:00Z",
        "messageId": f"m{number}",
        "text": f"Text {number}",
        **fields,
    }
    return json.dumps(whole).encode()


def run(agent: Agent, folder: Path, content: bytes) -> tuple[Report, str]:
    file = folder / "events.jsonl"
    file.write_bytes(content)
    notes: list[str] = []
    report = Report(show=notes.append)
    import_jsonl(agent, file, report, Options())
    return report, "\n".join(notes)


@pytest.mark.parametrize(
    "content",
    [
        event(1) + b"\n" + event(2) + b"\n",
        event(1) + b"\n" + event(2),
        event(1) + b"\r\n" + event(2) + b"\r\n",
        b"\xef\xbb\xbf" + event(1) + b"\n" + event(2),
        b"\n  \n" + event(1) + b"\n\r\n\n" + event(2) + b"\n\n",
        gzip.compress(event(1) + b"\n" + event(2)),
        gzip.compress(event(1) + b"\n") + gzip.compress(event(2)),
    ],
    ids=["plain", "no last end", "CRLF", "BOM", "blank lines", "gzip", "gzip in parts"],
)
def test_every_event_is_recorded(agent: Agent, tmp_path: Path, content: bytes) -> None:
    report, _ = run(agent, tmp_path, content)
    assert report.tally.recorded == report.tally.read == 2
    assert EndUser.objects.get().total_messages_sent == 2
    assert [file.name for file in tmp_path.iterdir()] == ["events.jsonl"]


def test_a_second_run_adds_nothing(agent: Agent, tmp_path: Path) -> None:
    content = b"\n".join(event(n) for n in range(20))
    run(agent, tmp_path, content)
    report, _ = run(agent, tmp_path, content)
    assert (report.tally.recorded, report.tally.duplicates) == (0, 20)


def test_rejected_lines_are_set_aside_unchanged(agent: Agent, tmp_path: Path) -> None:
    bad = [
        b'{"platform": "web", ',
        b"\xff\xfe not text",
        event(3, role="boss"),
        event(4, colour="red"),
        event(5, time="2999-01-01T00:00:00Z"),
        b"[" * 10_000,
        b'["a list"]',
    ]
    lines = [event(1), bad[0], b"", *bad[1:], event(2)]
    report, notes = run(agent, tmp_path, b"\r\n".join(lines))
    assert report.tally.recorded == 2
    assert report.tally.rejected.total == len(bad)
    kept = tmp_path / "events.jsonl.rejected.jsonl"
    assert kept.read_bytes().splitlines() == bad
    why = (tmp_path / "events.jsonl.rejected.reasons.txt").read_text().splitlines()
    assert [line.partition(":")[0] for line in why] == [f"line {n}" for n in (2, 4, 5, 6, 7, 8, 9)]
    assert "role" in why[2]
    assert "colour" in why[3]
    assert "ahead" in why[4]
    assert str(kept) in notes


def test_rejected_lines_can_be_corrected_and_imported(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, event(1) + b"\n" + event(2, role="boss"))
    kept = tmp_path / "events.jsonl.rejected.jsonl"
    kept.write_bytes(kept.read_bytes().replace(b"boss", b"user"))
    report = Report(show=lambda _: None)
    import_jsonl(agent, kept, report, Options())
    assert report.tally.recorded == 1
    assert Message.objects.count() == 2


def test_earlier_rejected_lines_are_not_overwritten(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, b"bad")
    run(agent, tmp_path, b"worse")
    assert (tmp_path / "events.jsonl.rejected.jsonl").read_bytes() == b"bad\n"
    assert (tmp_path / "events.jsonl.rejected-2.jsonl").read_bytes() == b"worse\n"


def test_rejected_lines_go_to_the_home_if_the_folder_is_not_writable(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    home = tmp_path / "home"
    (tmp_path / "data").mkdir()
    settings.ENV = settings.ENV.model_copy(update={"home": home})
    plain_open = Path.open

    def refusing(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if "x" in mode and path.parent.name == "data":
            raise PermissionError(13, "Permission denied")
        return plain_open(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refusing)
    _, notes = run(agent, tmp_path / "data", b"bad")
    kept = home / "rejected" / "events.jsonl.rejected.jsonl"
    assert kept.read_bytes() == b"bad\n"
    assert str(kept) in notes


def test_an_endless_line_is_skipped(agent: Agent, tmp_path: Path) -> None:
    content = (
        event(1) + b"\n" + b"x" * (3 * MAX_LINE) + b"\n" + event(2) + b"\n" + b"y" * MAX_LINE * 2
    )
    report, _ = run(agent, tmp_path, gzip.compress(content))
    assert report.tally.recorded == 2
    assert "line 2, line 4" in ", ".join(next(iter(report.tally.rejected.values())).examples)
    assert (tmp_path / "events.jsonl.rejected.jsonl").stat().st_size < 10


def test_the_longest_event_fits_a_line(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, event(1, text="🙂" * 100_000))
    assert report.tally.recorded == 1


def test_many_long_lines_are_recorded_in_smaller_batches(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def counted(agent: Agent, events: Sequence[Event], import_id: uuid.UUID) -> list[Outcome]:
        sizes.append(len(events))
        return record(agent, events, import_id)

    monkeypatch.setattr(recording, "record", counted)
    monkeypatch.setattr(recording, "BATCH_BYTES", 100_000)
    run(agent, tmp_path, b"\n".join(event(n, text="x" * 30_000) for n in range(10)))
    assert max(sizes) == 4
    assert sum(sizes) == 10


def test_deeply_nested_attributes_reject_only_their_line(agent: Agent, tmp_path: Path) -> None:
    nested = [
        event(n, attributes={"a": "MARK"}).replace(b'"MARK"', b"[" * depth + b"]" * depth)
        for n, depth in enumerate(range(700, 1000, 10))
    ]
    report, _ = run(agent, tmp_path, b"\n".join([*nested, event(50)]))
    assert report.tally.read == 31
    assert report.tally.recorded >= 1


def test_a_conflict_is_counted_and_not_set_aside(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, event(1) + b"\n" + event(1, text="Other"))
    assert report.tally.conflicts.total == 1
    assert "line 2" in next(iter(report.tally.conflicts.values())).examples
    assert not list(tmp_path.glob("*rejected*"))


def test_an_incomplete_gzipped_file_keeps_what_came_before(agent: Agent, tmp_path: Path) -> None:
    lines = b"\n".join(event(n % 60, messageId=f"m{n}") for n in range(5000))
    with pytest.raises(ImportFileError, match="compressed data ends too early"):
        run(agent, tmp_path, gzip.compress(lines)[:-500])
    assert Message.objects.count() > 1000


def test_utf_16_is_refused(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="UTF-16"):
        run(agent, tmp_path, event(1).decode().encode("utf-16"))


def test_all_bad_is_a_failure(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, b"a\nb\n")
    assert report.is_failure
    assert "line 1" in str(report.tally.rejected)
    assert reasons(report.tally.rejected)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_standard_input(agent: Agent, monkeypatch: pytest.MonkeyPatch, compress: Any) -> None:
    stream = io.BufferedReader(io.BytesIO(compress(event(1) + b"\n" + event(2))))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    report = Report(show=lambda _: None)
    import_jsonl(agent, None, report, Options())
    assert report.tally.recorded == 2


def test_a_pipe(agent: Agent, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, event(1) + b"\n" + b"bad\n")
    os.close(writing)
    report = Report(show=lambda _: None)
    import_jsonl(agent, Path(f"/dev/fd/{reading}"), report, Options())
    os.close(reading)
    assert (report.tally.recorded, report.tally.rejected.total) == (1, 1)


def test_a_missing_file(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="There is no file"):
        import_jsonl(agent, tmp_path / "nothing.jsonl", Report(show=lambda _: None), Options())


def test_a_folder(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be opened"):
        jsonl.import_jsonl(agent, tmp_path, Report(show=lambda _: None), Options())
