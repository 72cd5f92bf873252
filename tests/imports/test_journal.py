"""Every import is a row, can be continued, and can be taken back."""

import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from frontdesk.agents.models import Agent
from frontdesk.cli import app
from frontdesk.commands.errors import CommandError
from frontdesk.imports import recording
from frontdesk.imports.errors import ImportFileError
from frontdesk.ledger import imports
from frontdesk.ledger.models import EndUser, Import, ImportClaim, Message
from frontdesk.ledger.record import record
from tests.imports.exports import ALICE, BOB, group, message
from tests.imports.exports import run as run_telegram
from tests.imports.test_jsonl import event, run


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["imports", *map(str, arguments)])


def counts_of(row: Import) -> list[int]:
    return [getattr(row, name) for name in imports.COUNTS]


def test_an_import_is_kept_with_what_it_brought_and_rejected(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, b"\n".join([event(1), event(2), event(2), b"{}"]))
    row = Import.objects.get()
    assert (row.state, row.format, row.file_name) == ("done", "jsonl", "events.jsonl")
    assert counts_of(row) == [2, 1, 0, 0, 1]
    assert len(row.digest) == 64
    assert list(row.reasons["rejected"].values()) == [1]
    assert row.finished_at


def test_an_empty_or_refused_file_is_no_import(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError):
        run(agent, tmp_path, b"")
    with pytest.raises(ImportFileError):
        run_telegram(agent, tmp_path, group(message(ALICE), message(BOB)))
    assert not Import.objects.exists()


def test_an_interrupted_import_continues_and_remains_one(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "BATCH", 1)
    content = b"\n".join(event(number) for number in range(4))
    with monkeypatch.context() as patch:
        patch.setattr(recording, "record", _stopping_after(2))
        with pytest.raises(KeyboardInterrupt):
            run(agent, tmp_path, content)
    stopped = Import.objects.get()
    assert (stopped.state, counts_of(stopped)) == ("stopped", [2, 0, 0, 0, 0])
    run(agent, tmp_path, content)
    done = Import.objects.get()
    assert (done.id, done.state, counts_of(done)) == (stopped.id, "done", [4, 0, 0, 0, 0])
    assert invoke("undo", done.id).exit_code == 0
    assert not EndUser.objects.exists()


def _stopping_after(batches: int) -> object:
    calls = iter(range(batches))

    def stop(*arguments: object) -> object:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return record(*arguments)  # type: ignore[arg-type]

    return stop


def test_imports_are_listed_and_can_be_taken_back(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, event(1) + b"\n{}")
    row = Import.objects.get()
    listed = invoke("list", "--agent", "Ada").output
    assert f"{row.id}  " in listed
    assert "1 recorded" in listed
    assert row.digest in listed
    assert "rejected 1: " in listed
    assert "Taken back: 1 messages, 1 users." in invoke("undo", row.id).output
    assert "undone" in invoke("list").output
    assert not Message.objects.exists()
    assert not ImportClaim.objects.exists()


def test_what_two_imports_brought_goes_with_the_second_undo(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, event(1))
    run(agent, tmp_path, event(1) + b"\n")
    first, second = Import.objects.order_by("started_at")
    output = invoke("undo", first.id).output
    assert "Taken back: 0 messages" in output
    assert "Kept: 1 messages" in output
    assert "Taken back: 1 messages" in invoke("undo", second.id).output
    assert not EndUser.objects.exists()


def test_a_file_whose_import_was_undone_can_be_imported_again(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, event(1))
    invoke("undo", Import.objects.get().id)
    report, _ = run(agent, tmp_path, event(1))
    assert report.tally.recorded == 1
    assert sorted(Import.objects.values_list("state", flat=True)) == ["done", "undone"]


@pytest.mark.parametrize("id_", ["nonsense", uuid.UUID(int=7)])
def test_an_unknown_import_cannot_be_undone(agent: Agent, id_: object) -> None:
    error = invoke("undo", id_).exception
    assert isinstance(error, CommandError)
    assert f"no import {id_}" in str(error)
