"""Exports as files: shapes, encodings, damage, and files that are not exports."""

import gzip
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.json_text import JsonText
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source, open_source
from frontdesk.imports.telegram.importing import import_telegram
from frontdesk.imports.telegram.reader import ExportReader
from frontdesk.ledger.models import Message
from tests.imports.exports import ALICE, BOB, ME, account, chat, message, recorded, run


def test_an_account_with_all_its_other_parts(agent: Agent, tmp_path: Path) -> None:
    export = account(
        chat(message(ALICE)),
        frequent_contacts={"list": [{"id": 1, "messages": "no"}]},
        left_chats={"about": "", "list": [chat(message(BOB), name="Bob", id=11), 5, None]},
        sessions={"list": [{"messages": [1]}]},
        other_data={"drafts": [{"chat": "x"}]},
    )
    report, _ = run(agent, tmp_path, export)
    assert report.tally.recorded == 2


def test_memory_is_flat_in_the_size_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    one = json.dumps(message(ALICE, "A text of no great length. " * 20))
    with file.open("w") as export:
        export.write('{"name": "Alice", "type": "personal_chat", "id": 10, "messages": [')
        export.writelines(f"{one}," for _ in range(20_000))
        export.write(f"{one}]}}")
    tracemalloc.start()
    with open_source(file) as source:
        assert sum(1 for _ in ExportReader(source).messages()) == 20_001
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < file.stat().st_size / 10


def test_a_second_run_adds_nothing(agent: Agent, tmp_path: Path) -> None:
    export = account(chat(message(ALICE), message(ME)), chat(message(BOB), name="Bob", id=11))
    first, _ = run(agent, tmp_path, export)
    before = recorded(agent)
    second, _ = run(agent, tmp_path, export)
    assert (first.tally.recorded, second.tally.recorded, second.tally.duplicates) == (3, 0, 3)
    assert recorded(agent) == before


def test_a_chat_without_messages_is_fine(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, chat())
    assert report.tally.read == 0
    assert not report.is_failure


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
        lambda text: b"\n  " + text.encode() + b"\n\n",
    ],
    ids=["BOM", "UTF-16", "gzip", "whitespace"],
)
def test_encodings(agent: Agent, tmp_path: Path, encode: object) -> None:
    assert callable(encode)
    text = json.dumps(chat(message(ALICE, "Привет 🙂")), ensure_ascii=False)
    run(agent, tmp_path, encode(text))
    assert Message.objects.get().text == "Привет 🙂"


def test_control_characters_as_telegram_desktop_escapes_them(agent: Agent, tmp_path: Path) -> None:
    raw = json.dumps(chat(message(ALICE, "MARK"))).replace("MARK", r"a\x0Bb \\x41 \\\x1f \n")
    run(agent, tmp_path, raw.encode())
    assert Message.objects.get().text == "a\x0bb \\x41 \\\x1f \n"


def test_bytes_that_are_no_text_do_not_end_the_import(agent: Agent, tmp_path: Path) -> None:
    raw = json.dumps(chat(message(ALICE, "MARK"), message(ME))).encode()
    report, _ = run(agent, tmp_path, raw.replace(b"MARK", b"a\xff\xc3"))
    assert report.tally.recorded == 2
    assert recorded(agent)[0][2] == "a\ufffd\ufffd"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 64])
def test_cleaning_does_not_depend_on_the_pieces_read(tmp_path: Path, size: int) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(r'{"a": "\\\\\x0b\\x41é\x1F🙂\\"}'.encode() + b'"\xff\xe2\x82"')
    expected = r'{"a": "\\\\\u000b\\x41é\u001F🙂\\"}' + '"\ufffd\ufffd"'
    with file.open("rb") as raw:
        text = JsonText(Source(raw, "x.json", None))
        assert b"".join(iter(lambda: text.read(size), b"")).decode() == expected


def test_an_incomplete_file_keeps_what_came_before(agent: Agent, tmp_path: Path) -> None:
    raw = json.dumps(chat(message(ALICE, id=1), message(ALICE, id=2), message(ALICE, id=3)))
    with pytest.raises(ImportFileError, match=r"damaged after “Alice” message 2.*truncated"):
        run(agent, tmp_path, raw[:-40].encode())
    assert Message.objects.count() == 2


def test_a_damaged_file_says_where(agent: Agent, tmp_path: Path) -> None:
    raw = json.dumps(chat(message(ALICE, id=1), message(ALICE, "MARK", id=2)))
    with pytest.raises(
        ImportFileError, match=r"after “Alice” message 1, before byte \d+: not JSON"
    ):
        run(agent, tmp_path, raw.replace('"MARK"', "MARK").encode())
    assert Message.objects.count() == 1


def test_an_incomplete_gzipped_file_keeps_what_came_before(agent: Agent, tmp_path: Path) -> None:
    raw = json.dumps(chat(*(message(ALICE, id=n) for n in range(5000)))).encode()
    with pytest.raises(ImportFileError, match="compressed data ends too early"):
        run(agent, tmp_path, gzip.compress(raw)[:-1000])
    assert Message.objects.count() > 100


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"<!DOCTYPE html><html>", "web page.*Machine-readable JSON"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not a Telegram export: not JSON"),
        (b"hello", "not a Telegram export: not JSON"),
        (b"{}", "neither “messages”"),
        (b"[]", "neither “messages”"),
        (b"null", "neither “messages”"),
        (b'"messages"', "neither “messages”"),
        (b'{"messages": {}, "chats": 5}', "neither “messages”"),
        (b'{"chats": []}', "neither “messages”"),
        (b'{"name": "Alice", "mess', "not a Telegram export: it ends in the middle"),
        (b"[" * 100_000, "not a Telegram export"),
        (b"\x1f\x8bgarbage" * 9, "cannot be read further"),
    ],
)
def test_a_file_that_is_not_an_export_is_explained(
    agent: Agent, tmp_path: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(ImportFileError, match=problem):
        run(agent, tmp_path, content)


def test_numbers_without_end_do_not_crash_python(agent: Agent, tmp_path: Path) -> None:
    raw = json.dumps(chat(message(ALICE, id=1), message(ALICE, width="MARK")))
    for digits in (b"1" * 4_300, b"9" * 70_000, b"7" * 200_000):
        with pytest.raises(ImportFileError, match="more than 4,200 digits"):
            run(agent, tmp_path, raw.encode().replace(b'"MARK"', digits))
    report, _ = run(agent, tmp_path, raw.encode().replace(b'"MARK"', b"1" * 4_199 + b"e99999999"))
    assert report.tally.imported == 2


def test_a_long_text_of_digits_is_a_text(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, chat(message(ALICE, "3" * 4_096)))
    assert Message.objects.get().text == "3" * 4_096


def test_a_deeply_nested_value_is_skipped(agent: Agent, tmp_path: Path) -> None:
    raw = json.dumps(chat(message(ALICE, "MARK"), message(ALICE, id="MARK")))
    report, _ = run(agent, tmp_path, raw.replace('"MARK"', "[" * 50_000 + "]" * 50_000).encode())
    assert report.tally.imported == 2


def import_path(agent: Agent, path: Path) -> Report:
    report = Report(show=lambda _: None)
    import_telegram(agent, path, report, Options())
    return report


def test_the_folder_of_an_export_is_accepted(agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(chat(message(ALICE))))
    assert import_path(agent, tmp_path).tally.recorded == 1


def test_a_folder_of_web_pages_is_explained(agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "messages.html").write_text("<html>")
    with pytest.raises(ImportFileError, match=r"no result.json .*Machine-readable JSON"):
        import_path(agent, tmp_path)


def test_a_pipe_is_refused(agent: Agent, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImportFileError, match="read twice"):
        import_path(agent, tmp_path / "pipe")


def test_a_missing_file(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="There is no file"):
        import_path(agent, tmp_path / "nothing.json")
