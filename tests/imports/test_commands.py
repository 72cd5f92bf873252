"""`frontdesk import …` as the operator uses it."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from typer.testing import CliRunner, Result

from frontdesk.agents.models import Agent
from frontdesk.commands.errors import CommandError
from frontdesk.commands.imports import app
from frontdesk.imports import recording
from frontdesk.imports.formats import FORMATS
from frontdesk.ledger.models import Message
from frontdesk.ledger.record import record
from tests.imports.exports import ALICE, ME, chat, message
from tests.imports.test_jsonl import event


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "result.json"
    service = {"id": 9_000, "type": "service", "action": "phone_call"}
    file.write_text(json.dumps(chat(message(ALICE), message(ME), service)))
    return file


def test_each_format_is_a_command_with_its_options() -> None:
    commands = {
        command.name or command.callback.__name__: set(
            inspect.signature(command.callback).parameters
        )
        for command in app.registered_commands
        if command.callback
    }
    for name, format_ in FORMATS.items():
        assert {"file", "agent", "dry_run", *format_.options} <= commands[name]


@pytest.mark.parametrize("by", ["name", "id"])
def test_telegram_prints_a_report(agent: Agent, export: Path, by: str) -> None:
    result = invoke("telegram", export, "--agent", getattr(agent, by))
    assert result.exit_code == 0
    assert "The agent is “Me” (user20) in “Alice”; guessed" in result.output
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "2 recorded" in lines
    assert "1 service message: “Alice” message 9000" in lines


def test_a_second_import_reports_duplicates(agent: Agent, export: Path) -> None:
    invoke("telegram", export, "--agent", "Ada")
    result = invoke("telegram", export, "--agent", "Ada")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "0 recorded" in lines
    assert "2 duplicates: already known; nothing changed" in lines


def test_bot_and_zone_are_options(agent: Agent, export: Path) -> None:
    options = ("--agent", "Ada", "--bot", "Alice", "--zone", "Europe/Berlin")
    assert invoke("telegram", export, *options).exit_code == 0
    assert Message.objects.filter(end_user__external_id="20").count() == 2


def refused(*arguments: object) -> str:
    """The refusal's text; `frontdesk` shows it and exits with 1."""
    error = invoke(*arguments).exception
    assert isinstance(error, CommandError)
    return str(error)


def test_an_unknown_zone_is_refused(agent: Agent, export: Path) -> None:
    for zone in ("Mars/Base", "../etc/passwd", "/etc/passwd", "\0"):
        assert "not a time zone" in refused("telegram", export, "--agent", "Ada", "--zone", zone)


def test_an_unknown_agent_is_refused(agent: Agent, export: Path) -> None:
    assert "Zoe" in refused("telegram", export, "--agent", "Zoe")


def test_a_file_that_is_not_an_export_is_refused(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{}")
    assert "not a Telegram export" in refused("telegram", file, "--agent", "Ada")


def test_a_damaged_file_is_refused_with_its_summary(agent: Agent, export: Path) -> None:
    export.write_text(export.read_text()[:-20])
    result = invoke("telegram", export, "--agent", "Ada")
    assert isinstance(result.exception, CommandError)
    assert "recorded" in result.output
    assert Message.objects.count() == 2


def test_a_file_without_anything_to_import_is_refused(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("bad\n")
    assert "nothing in the file" in refused("jsonl", file, "--agent", "Ada")


def test_a_database_failure_is_reported(
    agent: Agent, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(recording, "record", fail)
    problem = refused("telegram", export, "--agent", "Ada")
    assert "disk full" in problem
    assert "Nothing is counted twice" in problem


def test_ctrl_c_prints_the_progress(
    agent: Agent, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def interrupted(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return record(*arguments)

    monkeypatch.setattr(recording, "record", interrupted)
    monkeypatch.setattr(recording, "BATCH", 1)
    result = invoke("telegram", export, "--agent", "Ada")
    assert result.exit_code == 130
    assert "Stopped. Read: 1." in result.output
    assert "Nothing is counted twice" in result.output
    monkeypatch.undo()
    assert invoke("telegram", export, "--agent", "Ada").exit_code == 0
    assert Message.objects.count() == 2


def test_names_cannot_control_the_terminal(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    evil = {"from": "E\x1b[2Jvil\u202e", "from_id": "user20"}
    file.write_text(json.dumps(chat(message(ALICE), message(evil), name="A\x1b]0;x\x07")))
    result = invoke("telegram", file, "--agent", "Ada")
    assert result.exit_code == 0
    assert not set("\x1b\x07\u202e") & set(result.output)


def test_a_dry_run_records_nothing_and_shows_what_would_be(agent: Agent, export: Path) -> None:
    result = invoke("telegram", export, "--agent", "Ada", "--dry-run")
    assert result.exit_code == 0
    assert not Message.objects.exists()
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "2 recorded" in lines
    assert any("user: Hello" in line for line in lines)
    assert "Nothing is recorded. Without --dry-run:" in lines


def test_a_dry_run_knows_what_is_recorded_already(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    first, second, third = (event(number) for number in (1, 2, 3))
    file.write_bytes(first)
    invoke("jsonl", file, "--agent", "Ada")
    changed = event(1, role="agent")
    bad = event(4, time="2999-01-01T00:00:00Z")
    file.write_bytes(b"\n".join([first, changed, second, third, second, bad]))
    result = invoke("jsonl", file, "--agent", "Ada", "--dry-run")
    assert Message.objects.count() == 1
    text = " ".join(result.output.split())
    assert "2 recorded 2 duplicates" in text
    assert "1 conflicts" in text
    assert "1 rejected" in text
    assert list(tmp_path.iterdir()) == [file]
