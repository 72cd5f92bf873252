"""CSV of messages: recognized columns, derived ids, the order of rows, faults."""

import csv
import gzip
import io
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.commands.imports import app
from frontdesk.core.text import storable
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.jsonl import import_jsonl
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.tables import messages
from frontdesk.imports.tables.messages import import_csv
from frontdesk.ledger.imports import undo
from frontdesk.ledger.models import EndUser, Import, Message
from tests.factories import make_agent
from tests.imports.test_tables import hostile

HEADER = "user,role,time,text,id\n"
ROWS = """\
42,human,2026-10-14T12:05:00Z,Hello,m1
42,assistant,2026-10-14T12:05:03Z,"Hi, Alice!",m2
"""


def run(
    agent: Agent, folder: Path, content: str | bytes, dry_run: bool = False, **options: object
) -> tuple[Report, str]:
    file = folder / "chats.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    notes: list[str] = []
    report = Report(show=notes.append, dry_run=dry_run)
    import_csv(agent, file, report, Options(**options))  # type: ignore[arg-type]
    return report, "\n".join(notes)


def texts() -> list[tuple[str, str]]:
    rows = Message.objects.order_by("sent_at", "position", "id")
    return list(rows.values_list("role", "text"))


def test_messages_are_recorded_and_imported_again_are_duplicates(
    agent: Agent, tmp_path: Path
) -> None:
    report, notes = run(agent, tmp_path, HEADER + ROWS)
    assert texts() == [("user", "Hello"), ("agent", "Hi, Alice!")]
    assert (EndUser.objects.get().platform, EndUser.objects.get().external_id) == ("api", "42")
    assert notes == (
        "No column means platform, so the users are on “api”. Say another with --platform."
    )
    assert Import.objects.get().format == "csv"
    again, _ = run(agent, tmp_path, HEADER + ROWS)
    assert (report.tally.recorded, again.tally.recorded, again.tally.duplicates) == (2, 0, 2)


def test_every_field_of_an_event_can_be_a_column(agent: Agent, tmp_path: Path) -> None:
    content = (
        "platform;external_id;Role;Created At;Body;message-id;SESSION_ID;name;tags;attributes;"
        "model;input tokens;output tokens;latencyMs;failed\n"
        'web;1;bot;1760443500;Hi;m1;s1;Ada;"vip, beta";"{""a"": 1}";gpt-4o;10;5;1200;yes\n'
    )
    _, notes = run(agent, tmp_path, content)
    message, user = Message.objects.get(), EndUser.objects.get()
    assert (message.model, message.input_tokens, message.output_tokens) == ("gpt-4o", 10, 5)
    assert (message.session_id, message.latency_ms, message.failed) == ("s1", 1200, True)
    assert (user.name, user.tags, user.attributes) == ("Ada", ["beta", "vip"], {"a": 1})
    assert notes == ""


def test_columns_can_be_said(agent: Agent, tmp_path: Path) -> None:
    content = "From,Message body,Date,Direction\n7,Hello,2026-10-14T12:00:00Z,user\n"
    columns = ("text=Message body", "external_id=from", "role=Direction")
    _, notes = run(agent, tmp_path, content, columns=columns, platform="whatsapp")
    assert texts() == [("user", "Hello")]
    assert EndUser.objects.get().platform == "whatsapp"
    assert notes == ""


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("txt=Message", "with one of these fields: .*text"),
        ("text", "say FIELD=COLUMN"),
        ("text=", "say FIELD=COLUMN"),
        ("text=Massage", "no column Massage, but user, role, time, text, id"),
    ],
)
def test_wrong_words_about_columns_are_refused(
    agent: Agent, tmp_path: Path, words: str, problem: str
) -> None:
    with pytest.raises(ImportFileError, match=problem):
        run(agent, tmp_path, HEADER + ROWS, columns=(words,))


def test_a_file_without_a_header_is_refused(agent: Agent, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as error:
        run(agent, tmp_path, ROWS)
    assert "no column means externalId (your id of the user); role" in str(error.value)
    assert "here it is: 42, human, 2026-10-14T12:05:00Z, Hello, m1" in str(error.value)
    assert not Import.objects.exists()


def test_columns_that_mean_nothing_are_named(agent: Agent, tmp_path: Path) -> None:
    content = "user,role,time,text,ip,,ip\n42,user,2026-10-14T12:05:00Z,Hello,::1,x,y\n"
    _, notes = run(agent, tmp_path, content, platform="web")
    assert (
        notes == "Columns that are not imported: ip, (no name), ip (2). --map says what one means."
    )


def test_times_without_a_zone_are_the_agents_or_as_said(agent: Agent, tmp_path: Path) -> None:
    berlin = make_agent("Bea", time_zone="Europe/Berlin")
    rows = (
        "1,user,2026-07-01 12:00,a\n1,user,2026-07-01 12:00 UTC,b\n1,user,2026-07-01 12:00 -0100,c"
    )
    run(berlin, tmp_path, "user,role,time,text\n" + rows)
    assert [
        at.hour for at in Message.objects.order_by("text").values_list("sent_at", flat=True)
    ] == [
        10,
        12,
        13,
    ]
    run(agent, tmp_path, "user,role,time,text\n" + rows, zone=ZoneInfo("Asia/Tokyo"))
    first = Message.objects.get(text="a", end_user__agent=agent)
    assert first.sent_at.hour == 3


def test_without_ids_equal_rows_are_messages_and_another_import_adds_none(
    agent: Agent, tmp_path: Path
) -> None:
    rows = "".join(
        f"1,{role},2026-10-14T12:05,{text}\n"
        for role, text in [("user", "ok"), ("user", "ok"), ("agent", "ok"), ("user", "b")]
    )
    run(agent, tmp_path, "user,role,time,text\n" + rows)
    assert texts() == [("user", "ok"), ("user", "ok"), ("agent", "ok"), ("user", "b")]
    again, _ = run(
        agent,
        tmp_path,
        "text,user,role,time\n"
        + "".join(
            ",".join([line.split(",")[3], *line.split(",")[:3]]) + "\n"
            for line in rows.splitlines()
        ),
    )
    assert (again.tally.recorded, again.tally.duplicates) == (0, 4)
    moved, _ = run(agent, tmp_path, "user,role,time,text\n" + rows, zone=ZoneInfo("Asia/Tokyo"))
    assert (moved.tally.recorded, moved.tally.conflicts.total) == (0, 4)


def test_equal_rows_are_numbered_in_bounded_memory(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "REMEMBERED", 2)
    rows = "".join(f"1,user,2026-10-14T12:05,{text}\n" for text in "aabca")
    report, _ = run(agent, tmp_path, "user,role,time,text\n" + rows)
    assert [text for _, text in texts()] == ["a", "a", "b", "c"]
    assert report.tally.conflicts.total == 1  # it has another place in its minute


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_messages_of_the_same_minute_keep_their_order(
    agent: Agent, tmp_path: Path, is_newest_first: bool
) -> None:
    rows = [f"1,user,2026-10-14T12:0{n // 4},text {n}\n" for n in range(12)]
    lines = rows[::-1] if is_newest_first else rows
    run(agent, tmp_path, "user,role,time,text\n" + "".join(lines))
    assert [text for _, text in texts()] == [f"text {n}" for n in range(12)]


def test_all_faults_of_a_row_are_named_and_it_is_set_aside(agent: Agent, tmp_path: Path) -> None:
    bad = ['"4\n2",boss,yesterday,"two\nlines",m3', "1,user,2026-10-14T12:05Z,x,m4,more"]
    content = f"sep=,\r\n{HEADER}{ROWS}{bad[0]}\n\n{bad[1]}\n"
    report, notes = run(agent, tmp_path, content)
    first, second = report.tally.rejected
    assert "externalId contains control characters" in first
    assert "role: boss is none" in first
    assert "time: yesterday is not a time" in first
    assert second == "6 cells, but the header has 5: a comma in a text needs quotation marks"
    kept = tmp_path / "chats.csv.rejected.csv"
    assert kept.read_bytes().decode() == f"sep=,\r\n{HEADER}{bad[0]}\n{bad[1]}\n"
    why = (tmp_path / "chats.csv.rejected.reasons.txt").read_text().splitlines()
    assert [line.partition(":")[0] for line in why] == ["row 4 (line 5)", "row 6 (line 9)"]
    assert str(kept) in notes
    kept.write_bytes(
        kept.read_bytes().replace(b"boss", b"user").replace(b"yesterday", b"1760443500")
    )
    kept.write_bytes(kept.read_bytes().replace(b'"4\n2"', b"42").replace(b",more", b""))
    corrected = Report(show=lambda _: None)
    import_csv(agent, kept, corrected, Options())
    assert corrected.tally.recorded == 2


def test_an_empty_cell_says_nothing(agent: Agent, tmp_path: Path) -> None:
    content = "user,role,time,text,id,name,model\n1,user,2026-10-14T12:05Z,,m1,Ada,\n"
    run(agent, tmp_path, content + "1,user,2026-10-14T12:06Z,  x ,m2,,\n1,user,,x,m3\n,,,x,\n")
    assert (EndUser.objects.get().name, texts()) == ("Ada", [("user", ""), ("user", "  x ")])
    assert Import.objects.get().rejected == 2


@pytest.mark.parametrize("encode", [gzip.compress, lambda raw: raw.decode().encode("utf-16")])
def test_files_may_be_gzipped_or_utf_16(agent: Agent, tmp_path: Path, encode: object) -> None:
    assert callable(encode)
    run(agent, tmp_path, encode((HEADER + ROWS).encode()))
    assert texts() == [("user", "Hello"), ("agent", "Hi, Alice!")]


def test_an_import_can_be_taken_back(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, HEADER + ROWS)
    assert undo(SYSTEM, Import.objects.get().id).removed_messages == 2
    assert not EndUser.objects.exists()


@given(st.lists(hostile.filter(lambda text: len(text) < 1000), max_size=8))
def test_hostile_texts_are_recorded_as_they_are(
    db: None, tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    agent = make_agent()
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(["user", "role", "time", "text"])
    writer.writerows(["1", "user", f"2026-10-14T12:{n:02}Z", text] for n, text in enumerate(lines))
    report, _ = run(agent, tmp_path_factory.mktemp("csv"), content.getvalue())
    assert report.tally.recorded == len(lines)
    of_agent = Message.objects.filter(end_user__agent=agent).order_by("sent_at")
    found = list(of_agent.values_list("text", flat=True))
    assert found == [storable(text) for text in lines]


def test_the_command(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "chats.csv"
    file.write_text("Who,role,Date,text\n1,user,2026-07-01 12:00,Hello\n")
    arguments = [
        "csv",
        str(file),
        "--agent",
        "Ada",
        "--map",
        "externalId=Who",
        "--map",
        "time=Date",
    ]
    arguments += ["--zone", "Europe/Berlin", "--platform", "web"]
    result = CliRunner().invoke(app, [*arguments, "--dry-run"])
    assert "2026-07-01 10:00  web:1  user: Hello" in result.output
    assert not Message.objects.exists()
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert Message.objects.get().sent_at.hour == 10


def test_the_example_of_the_documentation_is_recorded(agent: Agent, tmp_path: Path) -> None:
    documents = Path(__file__).parents[2] / "docs" / "imports.md"
    example, *_ = re.findall("```csv\n(.*?)```", documents.read_text(), re.DOTALL)
    report, _ = run(agent, tmp_path, example)
    assert report.tally.recorded == report.tally.read == 2


def test_json_lines_name_the_commands_for_csv(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "chats.csv"
    file.write_text(HEADER + ROWS)
    with pytest.raises(ImportFileError, match="`frontdesk import csv` reads messages"):
        import_jsonl(agent, file, Report(show=lambda _: None), Options())
