"""WhatsApp's exports of a chat."""

import datetime as dt
import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.imports.errors import ImportFileError, Skipped
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source, open_source
from frontdesk.imports.whatsapp.content import content_of
from frontdesk.imports.whatsapp.dates import DateEvidence, date_of
from frontdesk.imports.whatsapp.reader import read_messages
from frontdesk.ledger import imports
from frontdesk.ledger.models import EndUser, Import, Message
from tests.imports.exports import reasons, recorded
from tests.imports.running import run_import

IPHONE = """\
[25.01.24, 21:15:03] Alice: \u200eMessages and calls are end-to-end encrypted.
[25.01.24, 21:15:10] Alice: Hello,\r
are you open
tomorrow?
\u200e[25.01.24, 21:15:40] Alice: \u200e<attached: 00000004-PHOTO-2024-01-25-21-15-40.jpg>
[25.01.24, 21:16:02] Helper Bot: Yes, from 9.
"""
ANDROID = """\
13/01/2024, 09:05 - Messages and calls are end-to-end encrypted. Tap to learn more.
13/01/2024, 09:05 - Alice: Hi
13/01/2024, 09:05 - Helper Bot: Hello!
13/01/2024, 09:05 - Alice: How much: 5 or 6?
13/01/2024, 09:05 - Helper Bot: 5
"""
GROUP = """\
13/01/2024, 09:00 - Alice created group "Friends: old"
13/01/2024, 09:05 - Alice: Hi
13/01/2024, 09:06 - ~\u202fBob: And me?
13/01/2024, 09:07 - Helper Bot: Hello Bob!
13/01/2024, 09:08 - +49 170 1234567: Me too
13/01/2024, 09:09 - Helper Bot: Hello you!
"""


def run(
    agent: Agent, folder: Path, text: str | bytes, name: str = "_chat.txt", **options: Any
) -> tuple[Report, str]:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run_import(agent, file, "whatsapp", **{"zone": ZoneInfo("Europe/Berlin"), **options})


def test_an_iphones_chat_is_recorded(agent: Agent, tmp_path: Path) -> None:
    report, notes = run(agent, tmp_path, IPHONE)
    assert recorded(agent) == [
        ("name:Alice", "user", "Hello,\nare you open\ntomorrow?"),
        ("name:Alice", "user", "[file 00000004-PHOTO-2024-01-25-21-15-40.jpg]"),
        ("name:Alice", "agent", "Yes, from 9."),
    ]
    first = Message.objects.earliest("sent_at")
    assert first.sent_at == dt.datetime(2024, 1, 25, 20, 15, 10, tzinfo=dt.UTC)
    assert (first.chat, EndUser.objects.get().name) == ("", "Alice")
    assert "The agent is “Helper Bot”; guessed, because" in notes
    assert "read as dmy, times as Europe/Berlin" in notes
    assert reasons(report.tally.skipped) == "a notice of WhatsApp"
    assert Import.objects.get().format == "whatsapp"


def test_messages_of_one_minute_stay_in_the_files_order(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, ANDROID)
    texts = Message.objects.order_by("sent_at", "position").values_list("text", flat=True)
    assert list(texts) == ["Hi", "Hello!", "How much: 5 or 6?", "5"]


def test_a_longer_export_adds_only_what_is_new(agent: Agent, tmp_path: Path) -> None:
    ok = "13/01/2024, 09:06 - Alice: ok\n"
    run(agent, tmp_path, ANDROID + ok + ok)
    more = f"{ANDROID}{ok}{ok}{ok}14/01/2024, 10:00 - Alice: ok\n"
    report, _ = run(agent, tmp_path, more, "WhatsApp Chat with Alice (1).txt")
    assert (report.tally.recorded, report.tally.duplicates) == (2, 6)
    assert not report.tally.conflicts


def test_an_answer_in_a_group_belongs_to_the_last_who_wrote(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, GROUP, "WhatsApp Chat with Friends.txt")
    assert recorded(agent) == [
        ("name:Alice", "user", "Hi"),
        ("name:Bob", "user", "And me?"),
        ("name:Bob", "agent", "Hello Bob!"),
        ("+491701234567", "user", "Me too"),
        ("+491701234567", "agent", "Hello you!"),
    ]
    assert set(Message.objects.values_list("chat", flat=True)) == {"WhatsApp Chat with Friends"}


def test_a_group_is_one_before_a_second_user_writes(agent: Agent, tmp_path: Path) -> None:
    name = "WhatsApp Chat with Friends.txt"
    beginning = "".join(GROUP.splitlines(keepends=True)[:2])
    run(agent, tmp_path, f"{beginning}13/01/2024, 09:05 - Helper Bot: Hm\n", name)
    report, _ = run(agent, tmp_path, GROUP, name)
    assert (report.tally.duplicates, report.tally.conflicts.total) == (1, 0)


def date_and_hour(*lines: str) -> tuple[int, int, int]:
    """Month, day and hour of the first line, as the whole file is read."""
    text = "\n".join(lines).encode()
    evidence = DateEvidence()
    messages = list(read_messages(Source(io.BufferedReader(io.BytesIO(text)), "x.txt", len(text))))
    for message in messages:
        evidence.observe(message.header)
    header = messages[0].header
    date = date_of(header, evidence.order())
    return date.month, date.day, header.clock[0]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["[1/31/24, 9:15:03\u202fPM] A: x"], (1, 31, 21)),
        (["[1/31/24, 12:00:00\u202fAM] A: x"], (1, 31, 0)),
        (["1/31/24, 9:15 pm - A: x"], (1, 31, 21)),
        (["31/1/24, 9:15 p. m. - A: x"], (1, 31, 21)),
        (["31/1/24, 12:15 PM - A: x"], (1, 31, 12)),
        (["2024-01-31, 21:15 - A: x"], (1, 31, 21)),
        (["24/01/31, 21:15 - A: x", "24/02/01, 9:00 - A: y"], (1, 31, 21)),
        (["[2024/01/02 下午9:15:03] A: x"], (1, 2, 21)),
        (["02.01.24, 21:15 - A: x"], (1, 2, 21)),
        (["02.01.24, 21.15 - A: x"], (1, 2, 21)),
        (["28/01/24 21:15 - A: x"], (1, 28, 21)),
        (["\u200f٣١/١/٢٠٢٤، ٩:١٥ م - A: x"], (1, 31, 21)),
        # In only one order no message is older than the one before it.
        (["01/02/24, 21:15 - A: x", "12/02/24, 9:00 - A: y", "01/03/24, 9:00 - A: z"], (2, 1, 21)),
        (["02/01/24, 21:15 - A: x", "02/12/24, 9:00 - A: y", "03/01/24, 9:00 - A: z"], (2, 1, 21)),
    ],
)
def test_dates_of_many_countries(lines: list[str], expected: tuple[int, int, int]) -> None:
    assert date_and_hour(*lines) == expected


def test_a_date_in_the_future_is_read_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    today = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
    monkeypatch.setattr("frontdesk.imports.whatsapp.dates.timezone.now", lambda: today)
    assert date_and_hour("03/05/26, 9:00 - A: x") == (3, 5, 9)


def test_a_file_that_cannot_tell_the_order_of_dates_asks(agent: Agent, tmp_path: Path) -> None:
    text = "01/02/2024, 09:05 - Alice: Hi\n01/02/2024, 09:06 - Helper Bot: Hello!\n"
    with pytest.raises(ImportFileError, match="--date-order dmy or --date-order mdy"):
        run(agent, tmp_path, text)
    assert not Import.objects.exists()
    run(agent, tmp_path, text, date_order="mdy")
    assert {time.month for (time,) in Message.objects.values_list("sent_at")} == {1}


def test_dates_that_contradict_each_other_are_named(agent: Agent, tmp_path: Path) -> None:
    text = "31/01/2024, 09:05 - Alice: Hi\n01/31/2024, 09:06 - Helper Bot: Hello!\n"
    with pytest.raises(ImportFileError, match=r"contradict each other .*31-1-2024"):
        run(agent, tmp_path, text)
    report, _ = run(agent, tmp_path, text, date_order="dmy")
    assert reasons(report.tally.rejected) == "there is no such time: 1-31-2024, read as dmy"


def test_who_is_the_agent_is_asked_for(agent: Agent, tmp_path: Path) -> None:
    text = "31/01/2024, 09:05 - Alice: Hi\n31/01/2024, 09:06 - Bob: Hello!\n"
    with pytest.raises(ImportFileError, match=r"no one has a name that ends .*“Alice”, “Bob”"):
        run(agent, tmp_path, text)
    with pytest.raises(ImportFileError, match="No one in this export is “Zoe”"):
        run(agent, tmp_path, text, bot="Zoe")
    run(agent, tmp_path, text, bot="bob")
    assert recorded(agent) == [("name:Alice", "user", "Hi"), ("name:Alice", "agent", "Hello!")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u200eimage omitted", "[photo]"),
        ("\u200eBild weggelassen", "[photo]"),
        ("\u200evideo note omitted", "[video]"),
        ("Look \u200eimage omitted", "[photo] Look"),
        ("report.pdf • \u200e2 pages \u200edocument omitted", "[file report.pdf]"),
        ("<Media omitted>", "[media]"),
        ("<Medien ausgeschlossen>", "[media]"),
        ("<Multimedia omitido>\nLook", "[media] Look"),
        ("IMG-20240131-WA0001.jpg (file attached)\nLook", "[file IMG-20240131-WA0001.jpg] Look"),
        (
            "\u200eLocation: https://maps.google.com/?q=1,2",
            "Location: https://maps.google.com/?q=1,2",
        ),
        ("No: 5 \u200e<This message was edited>", "No: 5"),
        ("@\u2068Bob\u2069 hi", "@Bob hi"),
        ("image omitted", "image omitted"),
        ("<hello>", "<hello>"),
    ],
)
def test_contents(text: str, expected: str) -> None:
    assert content_of(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "This message was deleted",
        "\u200eYou deleted this message.",
        "Diese Nachricht wurde gelöscht.",
        "\u200eMissed voice call",
        "\u200eAlice created this group",
    ],
)
def test_what_whatsapp_wrote_is_skipped(text: str) -> None:
    with pytest.raises(Skipped):
        content_of(text)


def test_an_export_with_media_is_the_same_chat(agent: Agent, tmp_path: Path) -> None:
    chat = "31/01/2024, 09:05 - Alice: {}\n31/01/2024, 09:06 - Helper Bot: Nice\n"
    run(agent, tmp_path, chat.format("<Media omitted>"))
    report, _ = run(agent, tmp_path, chat.format("IMG-20240131-WA0001.jpg (file attached)"))
    assert report.tally.recorded == 0
    assert Message.objects.filter(role="user").count() == 1


def test_a_zip_archive_and_gzip(agent: Agent, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chat.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("00000004-PHOTO.jpg", b"\xff")
        archive.writestr("__MACOSX/._chat.txt", b"\0")
        archive.writestr("_chat.txt", ANDROID)
    report, _ = run_import(agent, tmp_path / "chat.zip", "whatsapp")
    assert report.tally.recorded == 4
    report, _ = run(agent, tmp_path, gzip.compress(ANDROID.encode()), "_chat.txt.gz", zone=None)
    assert report.tally.duplicates == 4


def test_archives_that_cannot_be_read(agent: Agent, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("photo.jpg", b"")
    with pytest.raises(ImportFileError, match="has none of the files"):
        run_import(agent, tmp_path / "x.zip", "whatsapp")
    with pytest.raises(ImportFileError, match="damaged zip archive"):
        run(agent, tmp_path, b"PK\x03\x04 and more", "y.zip")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not a WhatsApp export"),
        (b"Hello\n" * 300, "no line begins as in"),
        (b"\0" * 5_000_000, "not a WhatsApp export"),
        (b"<html></html>", "not a WhatsApp export"),
        (ANDROID.encode("utf-16"), "UTF-16 text: save it as UTF-8"),
    ],
)
def test_other_files_are_refused(
    agent: Agent, tmp_path: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(ImportFileError, match=problem):
        run(agent, tmp_path, content)
    assert not Import.objects.exists()


def test_a_message_that_is_too_long_is_rejected_where_it_is(agent: Agent, tmp_path: Path) -> None:
    text = ANDROID.replace("Hi\n", f"{'x' * 3_000_000}\n{'line ' * 10}\n")
    report, _ = run(agent, tmp_path, text)
    assert report.tally.recorded == 3
    (cause,) = report.tally.rejected.values()
    assert cause.examples == ["line 2"]


def test_memory_is_flat_in_the_size_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "_chat.txt"
    file.write_text(ANDROID + "13/01/2024, 09:06 - Alice: Hello, how are you?\n" * 100_000)
    tracemalloc.start()
    with open_source(file) as source:
        assert sum(1 for _ in read_messages(source)) == 100_005
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < file.stat().st_size / 10


def test_a_dry_run_and_undo(agent: Agent, tmp_path: Path) -> None:
    report, _ = run(agent, tmp_path, ANDROID)
    assert report.import_id
    imports.undo(SYSTEM, report.import_id)
    assert not Message.objects.exists()
    dry = run_import(agent, tmp_path / "_chat.txt", "whatsapp", dry_run=True)[0]
    assert (dry.tally.recorded, Message.objects.count()) == (4, 0)
