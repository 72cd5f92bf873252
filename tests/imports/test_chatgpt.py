"""ChatGPT's own export."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.imports import records
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.report import Report
from frontdesk.ledger import imports
from frontdesk.ledger.models import EndUser, Import, Message, Session
from tests.imports.exports import reasons
from tests.imports.running import run_import

Json = dict[str, Any]
START = 1_764_595_333.25


def node(id_: str, parent: str | None, role: str, content: Any = "", **fields: Any) -> Json:
    """A node of the tree; its number of seconds is the number at the end of its id."""
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    author: Json = {"role": role, "name": None, "metadata": {}}
    message = {
        "id": id_,
        "author": author,
        "create_time": START + int(id_[1:]),
        "update_time": None,
        "content": content,
        "status": "finished_successfully",
        "end_turn": None,
        "weight": 1.0,
        "metadata": {"model_slug": "gpt-5"} if role == "assistant" else {},
        "recipient": "all",
        "channel": None,
        **fields,
    }
    return {"id": id_, "message": message, "parent": parent, "children": []}


def conversation(*nodes: Json, current: str | None = None, **fields: Any) -> Json:
    root: Json = {"id": "root", "message": None, "parent": None, "children": []}
    return {
        "title": None,
        "create_time": START,
        "update_time": START + 100,
        "mapping": {"root": root, **{one["id"]: one for one in nodes}},
        "moderation_results": [],
        "current_node": current or (nodes[-1]["id"] if nodes else "root"),
        "conversation_id": "c1",
        "id": "c1",
        "default_model_slug": "auto",
        **fields,
    }


SIMPLE = conversation(node("n1", "root", "user", "Hello"), node("n2", "n1", "assistant", "Hi!"))


def run(agent: Agent, folder: Path, export: object, **options: Any) -> tuple[Report, str]:
    file = folder / "conversations.json"
    file.write_bytes(export if isinstance(export, bytes) else json.dumps(export).encode())
    return run_import(agent, file, "chatgpt", **options)


def texts() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("sent_at", "position").values_list("role", "text"))


def test_a_conversation_is_recorded(agent: Agent, tmp_path: Path) -> None:
    report, notes = run(agent, tmp_path, [SIMPLE], user="me@example.com")
    assert texts() == [("user", "Hello"), ("agent", "Hi!")]
    assert (EndUser.objects.get().external_id, Session.objects.get().external_id) == (
        "me@example.com",
        "c1",
    )
    assert Message.objects.get(role="agent").model == "gpt-5"
    assert "1 conversations have no user and got “me@example.com”" in notes
    longer = conversation(
        *SIMPLE["mapping"].values(), node("n3", "n2", "user", "Thanks"), current="n3"
    )
    again, _ = run(agent, tmp_path, [longer], user="me@example.com")
    assert (report.tally.recorded, again.tally.recorded, again.tally.duplicates) == (2, 1, 2)
    assert {row.format for row in Import.objects.all()} == {"chatgpt"}


def test_only_the_branch_that_is_shown_is_recorded(agent: Agent, tmp_path: Path) -> None:
    nodes = [
        node("n1", "root", "user", "Helo"),
        node("n2", "n1", "assistant", "What?"),
        node("n3", "root", "user", "Hello"),
        node("n4", "n3", "assistant", "Hi"),
        node("n5", "n3", "assistant", "Hi!"),
    ]
    report, _ = run(agent, tmp_path, [conversation(*nodes)])
    assert texts() == [("user", "Hello"), ("agent", "Hi!")]
    assert report.tally.skipped["in a branch that is not shown"].count == 3
    unknown = conversation(*nodes, current="gone", id="c2", conversation_id="c2")
    assert run(agent, tmp_path, [unknown])[0].tally.recorded == 2


@pytest.mark.parametrize(
    ("role", "content", "fields", "expected"),
    [
        ("user", {"content_type": "multimodal_text", "parts": [
            {"content_type": "image_asset_pointer", "asset_pointer": "sediment://f"}, "Look"]},
            {}, ("user", "[image]\nLook")),
        ("user", {"content_type": "multimodal_text", "parts": [
            {"content_type": "audio_transcription", "text": "Hey", "direction": "in"},
            {"content_type": "audio_asset_pointer"}]}, {}, ("user", "Hey\n[audio]")),
        ("user", "See", {"metadata": {"attachments": [{"name": "a.pdf"}, 7]}},
            ("user", "See\n[file a.pdf]")),
        ("assistant", "Yes\ue200cite\ue202turn0search1\ue201.", {}, ("agent", "Yes.")),
        ("tool", {"content_type": "execution_output", "text": "42"}, {}, ("tool", "42")),
        ("system", "Be brief.", {}, ("system", "Be brief.")),
    ],
)  # fmt: skip
def test_contents_of_every_kind(
    agent: Agent, tmp_path: Path, role: str, content: Any, fields: Json, expected: tuple[str, str]
) -> None:
    run(agent, tmp_path, [conversation(node("n1", "root", role, content, **fields))])
    assert texts() == [expected]


@pytest.mark.parametrize(
    ("role", "content", "fields", "reason"),
    [
        ("system", "", {}, "an empty message"),
        (
            "user",
            {"content_type": "user_editable_context", "user_profile": "x"},
            {},
            "instructions",
        ),
        ("assistant", {"content_type": "thoughts", "thoughts": []}, {}, "thinking"),
        ("assistant", {"content_type": "code", "text": "search()"}, {"recipient": "web"}, "a call"),
        ("user", "x", {"metadata": {"is_visually_hidden_from_conversation": True}}, "hidden"),
        ("assistant", None, {}, "an empty message"),
    ],
)
def test_what_chatgpt_does_not_show_is_skipped(
    agent: Agent, tmp_path: Path, role: str, content: Any, fields: Json, reason: str
) -> None:
    report, _ = run(agent, tmp_path, [conversation(node("n1", "root", role, content, **fields))])
    assert reason in reasons(report.tally.skipped)
    assert not Message.objects.exists()


def test_a_message_without_a_time_has_that_of_the_one_before(agent: Agent, tmp_path: Path) -> None:
    nodes = [
        node("n5", "root", "user", "Hello"),
        node("n6", "n5", "assistant", "Hi!", create_time=None),
        node("n7", "n6", "user", "Bye"),
    ]
    run(agent, tmp_path, [conversation(*nodes)])
    assert [text for _, text in texts()] == ["Hello", "Hi!", "Bye"]


def test_the_parts_of_a_zip_archive_are_one_import(agent: Agent, tmp_path: Path) -> None:
    other = conversation(node("n1", "root", "user", "Other"), id="c2", conversation_id="c2")
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user.json", "{}")
        archive.writestr("chat.html", "<html>")
        archive.writestr("conversations-000.json", json.dumps([SIMPLE]))
        archive.writestr("conversations-001.json", json.dumps([other]))
    report, _ = run_import(agent, tmp_path / "export.zip", "chatgpt")
    assert report.tally.recorded == 3
    assert Import.objects.get().recorded == 3


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"<html>", "is not ChatGPT's conversations.json"),
        (b"PK\x03\x04", "damaged zip archive"),
        (b"\x1f\x8b\x08broken", "is incomplete|cannot be read further"),
        (b'[{"mapping": {"a":' + b"[" * 200_000, "ends in the middle"),
    ],
)
def test_other_files_are_refused(
    agent: Agent, tmp_path: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(ImportFileError, match=problem):
        run(agent, tmp_path, content)
    assert not Import.objects.exists()


def test_a_damaged_file_says_where_and_keeps_what_was_read(agent: Agent, tmp_path: Path) -> None:
    other = conversation(node("n1", "root", "user", "Other"), id="c2", conversation_id="c2")
    content = json.dumps([SIMPLE, other]).encode()[:-40]
    with pytest.raises(ImportFileError, match=r"damaged in or after record 2, before byte [\d,]+"):
        run(agent, tmp_path, content)
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (7, "not a conversation of ChatGPT"),
        ({"uuid": "x", "chat_messages": []}, "Claude's export is another format"),
        ({"mapping": {}}, "without an id"),
        ({**SIMPLE, "mapping": {"n2": {"parent": "n2", "message": {"author": 7}}}}, "no role"),
        (conversation(node("n1", "n1", "user", "x", create_time="never")), "create_time: never"),
        (conversation(node("n1", "root", "user", "x" * 100_001)), "text: expected"),
    ],
)
def test_conversations_that_cannot_be_read_are_named(
    agent: Agent, tmp_path: Path, value: Any, reason: str
) -> None:
    report, _ = run(agent, tmp_path, [value, SIMPLE])
    assert reason in reasons(report.tally.rejected)
    assert report.tally.recorded == 2


def test_a_conversation_has_a_largest_size(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MAX_RECORD", 200_000)
    with pytest.raises(ImportFileError, match="a value is longer than 200,000 bytes"):
        run(agent, tmp_path, [conversation(node("n1", "root", "user", "x" * 300_000))])
    monkeypatch.setattr(records, "MAX_VALUES", 100)
    with pytest.raises(ImportFileError, match="more than 100 values"):
        run(agent, tmp_path, [{"mapping": [[]] * 101}])


def test_a_dry_run_and_undo(agent: Agent, tmp_path: Path) -> None:
    dry, _ = run(agent, tmp_path, [SIMPLE], dry_run=True)
    assert (dry.tally.recorded, Message.objects.count()) == (2, 0)
    report, _ = run(agent, tmp_path, [SIMPLE])
    assert report.import_id
    imports.undo(SYSTEM, report.import_id)
    assert not Message.objects.exists()
