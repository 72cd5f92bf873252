import sqlite3
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def create_agent(run: Run, name: str = "Ada") -> str:
    return run("agents", "create", name).stdout.strip()


def refusal(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line with the error."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_the_version_needs_no_installation(run: Run, home: Path) -> None:
    assert run("--version").stdout == "frontdesk 0.1.0\n"
    assert not home.exists()


def test_a_command_before_migrate_says_what_to_do(run: Run) -> None:
    assert "run `frontdesk migrate`" in refusal(run("agents", "list"))


def test_migrate_twice_changes_nothing_the_second_time(run: Run, ready: Path) -> None:
    done = run("migrate")
    assert done.returncode == 0
    assert "0 migrations applied" in done.stdout
    assert "0 files updated" in done.stdout


def test_an_agent_is_created_and_only_its_id_is_printed(run: Run, ready: Path) -> None:
    done = run("agents", "create", "Zoë 🦊", "--time-zone", "Asia/Kathmandu", "--avatar", "🦊")
    made = uuid.UUID(done.stdout.strip())
    assert done.stdout == f"{made}\n"
    assert run("agents", "list").stdout == f"{made}\tZoë 🦊\n"


def test_every_wrong_field_of_an_agent_is_named(run: Run, ready: Path) -> None:
    text = refusal(
        run("agents", "create", "A", "--time-zone", "Mars/Olympus", "--session-timeout", "3")
    )
    assert "time zone: “Mars/Olympus” is not a time zone" in text
    assert "session timeout: " in text


def test_only_the_key_is_printed_and_it_opens_its_agent(run: Run, ready: Path) -> None:
    create_agent(run)
    done = run("keys", "create", "--agent", "Ada", "--scope", "ingest", "--scope", "read")
    token = done.stdout.strip()
    assert done.stdout == f"{token}\n"
    assert token.startswith("fd_")
    assert "shown only once" in done.stderr
    assert "ingest,read" in run("keys", "list", "--agent", "Ada").stdout


def test_a_revoked_key_is_listed_as_such(run: Run, ready: Path) -> None:
    create_agent(run)
    token = run("keys", "create", "--agent", "Ada").stdout.strip()
    assert run("keys", "revoke", token[:8]).returncode == 0
    assert run("keys", "list").stdout.endswith("\trevoked\n")
    assert "no key has this prefix" in refusal(run("keys", "revoke", token))


def test_an_agent_is_found_by_id_or_name(run: Run, ready: Path) -> None:
    made = create_agent(run)
    assert run("check", "--agent", made).returncode == 0
    assert run("check", "--agent", "Ada").returncode == 0


def test_an_unknown_agent_suggests_similar_names(run: Run, ready: Path) -> None:
    create_agent(run, "Travel concierge")
    text = refusal(run("keys", "create", "--agent", "travel concierg"))
    assert "Similar: Travel concierge" in text


def test_a_name_of_two_agents_asks_for_an_id(run: Run, ready: Path) -> None:
    ids = {create_agent(run), create_agent(run)}
    text = refusal(run("keys", "create", "--agent", "Ada"))
    assert all(one in text for one in ids)


def test_an_owner_can_be_created_without_a_terminal(run: Run, ready: Path) -> None:
    arguments = ("createowner", "--username", "olivia", "--email", "olivia@example.com")
    done = run(*arguments, FRONTDESK_OWNER_PASSWORD="correct horse battery")
    assert done.returncode == 0
    assert "username: " in refusal(run(*arguments, FRONTDESK_OWNER_PASSWORD="correct horse"))


def test_a_weak_password_is_refused(run: Run, ready: Path) -> None:
    done = run(
        *("createowner", "--username", "olivia", "--email", "olivia@example.com"),
        FRONTDESK_OWNER_PASSWORD="12345678",
    )
    assert "password: This password is too common" in refusal(done)


def test_check_finds_a_wrong_number_and_recount_corrects_it(
    run: Run, ready: Path, tmp_path: Path
) -> None:
    create_agent(run)
    events = tmp_path / "events.jsonl"
    events.write_text(
        '{"platform": "web", "externalId": "v1", "messageId": "1", "role": "user",'
        ' "time": "2026-10-14T12:00:00Z", "text": "Hello"}\n'
    )
    assert run("import", "jsonl", str(events), "--agent", "Ada").returncode == 0
    assert run("check").returncode == 0
    with sqlite3.connect(ready / "frontdesk.sqlite3") as database:
        database.execute("UPDATE ledger_enduser SET total_messages_sent = 7")
    database.close()
    done = run("check")
    assert done.returncode == 1
    assert "web:v1, total_messages_sent: is 7, should be 1" in done.stdout
    assert run("recount").returncode == 0
    assert run("check").returncode == 0


@pytest.mark.parametrize("arguments", [["nonsense"], ["keys", "create"], ["serve", "--port", "0"]])
def test_wrong_usage_is_code_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2
