"""Uploaded files are checked and imported by the worker, whatever happens to it."""

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM, Actor
from frontdesk.imports import recording, upload_files, uploads
from frontdesk.imports.guessing import guess_format
from frontdesk.imports.models import Upload
from frontdesk.imports.options import Options
from frontdesk.imports.stored_options import restored, stored
from frontdesk.ledger import imports
from frontdesk.ledger.models import EndUser, Import, Message
from frontdesk.ledger.record import record
from tests.factories import make_upload
from tests.imports.exports import ALICE, BOB, group, message
from tests.imports.test_journal import _stopping_after
from tests.imports.test_jsonl import event

pytestmark = pytest.mark.django_db

MAYA = Actor("operator", "7", "Maya")


def work(upload: Upload) -> Upload:
    """What the worker does with the task of an upload."""
    uploads.work.call(str(upload.id))
    return refreshed(upload)


def refreshed(upload: Upload) -> Upload:
    return Upload.objects.get(id=upload.id)


def events(count: int) -> bytes:
    return b"\n".join(event(number) for number in range(count))


def checked(agent: Agent, content: bytes) -> Upload:
    upload = work(make_upload(agent, content, actor=MAYA))
    assert upload.state == "ready"
    return upload


def folder(upload: Upload) -> Path:
    return upload_files.path_of(upload).parent


def test_a_check_records_nothing_and_says_what_an_import_would_do(agent: Agent) -> None:
    upload = work(make_upload(agent, events(3) + b"\n{}", actor=MAYA))
    assert (upload.state, upload.problem) == ("ready", "")
    assert upload.report["counts"] | {"recorded": 3, "rejected": 1} == upload.report["counts"]
    assert len(upload.report["first"]) == 3
    assert not Message.objects.exists()
    assert not Import.objects.exists()
    assert [file.name for file in folder(upload).iterdir()] == ["events.jsonl"]


def test_an_import_names_its_operator_and_leaves_only_what_was_rejected(agent: Agent) -> None:
    upload = checked(agent, events(3) + b"\n{}")
    uploads.begin(MAYA, upload)
    upload = work(upload)
    row = Import.objects.get()
    assert (upload.state, upload.record_id) == ("done", row.id)
    assert (row.state, row.started_by, row.recorded, row.rejected) == ("done", "Maya", 3, 1)
    assert Message.objects.count() == 3
    files = upload_files.rejected(upload.id)
    assert files["lines"].read_bytes() == b"{}\n"
    assert files["reasons"].read_text().startswith("line 4: ")
    assert not upload_files.path_of(upload).exists()
    assert str(settings.ENV.home) not in json.dumps(upload.report)


def test_an_upload_is_readable_for_the_servers_user_alone(agent: Agent) -> None:
    upload = make_upload(agent, events(1))
    assert upload_files.root().stat().st_mode & 0o777 == 0o700
    assert folder(upload).stat().st_mode & 0o777 == 0o700


HOSTILE_NAMES = (
    *("../../secret.key", "..", ".", "/etc/passwd", "a/b\\c", " .bashrc"),
    *("x" * 400, "\u202eevil", "💥" * 300, "chat." + "ж" * 300, "a.rejected.jsonl"),
)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_the_clients_name_leads_nowhere(agent: Agent, name: str) -> None:
    upload = make_upload(agent, events(1), name)
    assert upload_files.path_of(upload).parent.parent == upload_files.root()
    assert upload_files.path_of(upload).read_bytes() == events(1)
    assert upload_files.rejected(upload.id) == {}
    assert work(upload).state == "ready"


def test_a_format_that_is_not_obvious_is_asked_for(agent: Agent) -> None:
    upload = make_upload(agent, b"Hello", format_="")
    assert (upload.state, upload.format) == ("failed", "")
    assert not DBTaskResult.objects.exists()
    uploads.check(MAYA, upload, "jsonl", {})
    assert refreshed(upload).state == "checking"


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (event(1), "jsonl"),
        (b'{"messages": [{"role": "user", "content": "Hi"}]}', "openai"),
        (json.dumps(group(message(ALICE)), indent=1).encode(), "telegram"),
        (b'{"a": 1}', ""),
        (b"time,text\n1,2", ""),
        (b"Hello, world", ""),
        (b"name,email\nA,a@b.c", ""),
        (b"14/10/2024, 12:05 - Alice: Hello", "whatsapp"),
        (b"PK\x03\x04....WhatsApp Chat with Bo.txt", "whatsapp"),
        (b"PK\x03\x04....conversations-000.json", "chatgpt"),
        (b"PK\x03\x04....report.docx", ""),
        (b"User ID;Full name;E-mail\n1;A;", "contacts"),
        (b"", ""),
        (b"\x1f\x8bbroken", ""),
    ],
)
def test_formats_are_guessed(tmp_path: Path, content: bytes, format_: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert guess_format(file) == format_


def test_where_the_agent_is_not_obvious_the_check_asks(agent: Agent) -> None:
    content = json.dumps(group(message(ALICE), message(BOB))).encode()
    upload = work(make_upload(agent, content, "result.json", "telegram"))
    assert upload.state == "failed"
    assert "--bot" in upload.problem
    uploads.check(MAYA, upload, "telegram", {"bot": BOB["from"]})
    upload = work(upload)
    assert (upload.state, upload.problem) == ("ready", "")
    assert BOB["from"] in upload.report["notices"][0]


def test_a_file_of_which_nothing_can_be_recorded_is_not_ready(agent: Agent) -> None:
    upload = work(make_upload(agent, b"{}"))
    assert (upload.state, upload.problem) == ("failed", "Nothing in the file can be imported.")
    uploads.begin(MAYA, upload)
    assert refreshed(upload).state == "failed"


def test_an_import_whose_worker_died_continues_and_remains_one(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "BATCH", 1)
    upload = checked(agent, b"{}\n" + events(4))
    uploads.begin(MAYA, upload)
    DBTaskResult.objects.all().delete()
    with monkeypatch.context() as patch:
        patch.setattr(recording, "record", _stopping_after(2))
        with pytest.raises(KeyboardInterrupt):
            work(upload)
    Import.objects.update(state=Import.State.RUNNING)  # it could not even say that it stopped
    assert refreshed(upload).state == "importing"
    assert uploads.resume() == 1
    assert uploads.resume() == 0
    upload = work(upload)
    row = Import.objects.get()
    assert (upload.state, row.state) == ("done", "done")
    assert (row.recorded, row.duplicates, row.rejected) == (4, 0, 1)
    assert len(list(folder(upload).iterdir())) == 2


def test_a_stopped_import_keeps_what_it_recorded_and_can_be_continued(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SAVE_EVERY", -1.0)
    upload = checked(agent, events(3))
    uploads.begin(MAYA, upload)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_run", _stopping_first(upload))
        assert work(upload).state == "ready"
    assert Import.objects.get().state == "stopped"
    uploads.begin(MAYA, refreshed(upload))
    assert work(upload).state == "done"
    assert Import.objects.get().recorded == Message.objects.count() == 3


def _stopping_first(upload: Upload) -> object:
    run = uploads._run

    def stop_and_run(*arguments: object) -> object:
        uploads.stop(MAYA, upload)
        return run(*arguments)  # type: ignore[arg-type]

    return stop_and_run


def test_a_cancelled_check_ends_and_leaves_nothing(agent: Agent) -> None:
    upload = make_upload(agent, events(3))
    uploads.cancel(MAYA, upload)
    assert not folder(upload).exists()
    uploads.work.call(str(upload.id))
    assert not Upload.objects.exists()


def test_an_upload_that_is_being_imported_cannot_be_cancelled(agent: Agent) -> None:
    upload = checked(agent, events(3))
    uploads.begin(MAYA, upload)
    uploads.cancel(MAYA, upload)
    assert work(upload).state == "done"


def test_a_fault_of_ours_can_be_tried_again(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = checked(agent, events(2))
    uploads.begin(MAYA, upload)
    with monkeypatch.context() as patch:
        patch.setattr(recording, "record", None)
        upload = work(upload)
    assert upload.state == "ready"
    assert "log of the server" in upload.problem
    uploads.begin(MAYA, upload)
    assert work(upload).state == "done"
    assert Message.objects.count() == 2


def test_a_file_on_another_machine_is_explained(agent: Agent) -> None:
    upload = make_upload(agent, events(2))
    upload_files.delete_folder(upload.id)
    upload = work(upload)
    assert upload.state == "failed"
    assert "share their home" in upload.problem


def test_what_nobody_imports_is_deleted_after_a_day(agent: Agent) -> None:
    upload = checked(agent, events(2))
    uploads.clean(upload.changed_at + dt.timedelta(hours=23, minutes=59))
    assert folder(upload).exists()
    uploads.clean(upload.changed_at + dt.timedelta(hours=24, minutes=1))
    assert not folder(upload).exists()
    assert not Upload.objects.exists()


def test_rejected_lines_and_notices_are_deleted_after_30_days(agent: Agent) -> None:
    upload = checked(agent, events(2) + b"\n{}")
    uploads.begin(MAYA, upload)
    upload = work(upload)
    uploads.clean(upload.changed_at + dt.timedelta(days=29, hours=23))
    assert upload_files.rejected(upload.id)
    uploads.clean(upload.changed_at + dt.timedelta(days=30, hours=1))
    assert not folder(upload).exists()
    assert not Upload.objects.exists()
    assert Import.objects.exists()


def test_files_without_an_upload_are_deleted_and_fresh_parts_stay(agent: Agent) -> None:
    upload = make_upload(agent, events(2))
    part = upload_files.new_part()
    part.close()
    Upload.objects.all().delete()  # as deleting the agent does
    uploads.clean(timezone.now())
    assert not folder(upload).exists()
    assert Path(part.name).exists()
    uploads.clean(timezone.now() + dt.timedelta(days=1, minutes=1))
    assert not Path(part.name).exists()


def test_options_survive_as_json() -> None:
    time = dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC)
    said = {
        "bot": "Bo",
        "zone": ZoneInfo("Europe/Berlin"),
        "time": time,
        "replace": True,
        "platform": "",
        "user": None,
    }
    kept = json.loads(json.dumps(stored(said)))
    assert restored(kept | {"of another version": 1}) == Options(
        bot="Bo", zone=ZoneInfo("Europe/Berlin"), time=time, replace=True
    )


def test_an_import_is_taken_back_by_the_worker_even_if_its_task_was_lost(agent: Agent) -> None:
    upload = checked(agent, events(3))
    uploads.begin(MAYA, upload)
    row = work(upload).record
    assert row is not None
    imports.request_undo(SYSTEM, row.id)
    row.refresh_from_db()
    assert row.state == "undoing"
    DBTaskResult.objects.all().delete()
    assert imports.resume() == 1
    imports.take_back.call(str(row.id))
    row.refresh_from_db()
    assert (row.state, row.removed_messages) == ("undone", 3)
    assert not EndUser.objects.exists()
    assert imports.resume() == 0


def test_an_import_that_is_taken_back_while_it_runs_ends(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "BATCH", 1)
    upload = checked(agent, events(3))
    uploads.begin(MAYA, upload)

    def record_and_undo(*arguments: object) -> object:
        outcomes = record(*arguments)  # type: ignore[arg-type]
        imports.request_undo(SYSTEM, Import.objects.get().id)
        return outcomes

    monkeypatch.setattr(recording, "record", record_and_undo)
    upload = work(upload)
    assert (upload.state, upload.problem) == ("done", "This import has been taken back meanwhile")
    imports.take_back.call(str(upload.record_id))
    assert not Message.objects.exists()
