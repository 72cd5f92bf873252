"""`frontdesk receipts` and `frontdesk retention`."""

import sqlite3
from pathlib import Path

import pytest
from django.conf import settings

from frontdesk.agents.models import Agent
from frontdesk.ledger.erase import erase
from frontdesk.ledger.receipts import receipt
from tests.cli.conftest import Run
from tests.factories import make_user


@pytest.mark.django_db
def test_a_receipt_is_verified(run: Run, home: Path, agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    made = receipt(erase(agent, make_user(agent, "Maya").id, "Olivia", may_return=False))
    file.write_bytes(made)
    done = run("receipts", "verify", str(file), FRONTDESK_SECRET_KEY=settings.SECRET_KEY)
    assert done.returncode == 0
    assert f"Genuine: erase of agent {agent.id}" in done.stdout
    assert "requested by Olivia; " in done.stdout
    file.write_bytes(made.replace(b"Olivia", b"Otto"))
    forged = run("receipts", "verify", str(file), FRONTDESK_SECRET_KEY=settings.SECRET_KEY)
    assert forged.returncode == 1
    assert forged.stdout == ""
    assert "the signature is not ours, or the receipt was changed" in forged.stderr


def test_a_missing_receipt(run: Run, ready: Path) -> None:
    done = run("receipts", "verify", "nowhere.json")
    assert done.returncode == 2
    assert "No such file" in done.stderr


def test_texts_are_removed_at_once(run: Run, ready: Path, tmp_path: Path) -> None:
    run("agents", "create", "Ada")
    lines = tmp_path / "messages.jsonl"
    lines.write_text(
        '{"platform": "web", "externalId": "1", "messageId": "1", "role": "user",'
        ' "time": "2026-01-01T12:00:00Z", "text": "Hello"}\n'
    )
    run("import", "jsonl", str(lines), "--agent", "Ada")
    assert run("retention").stdout == "Ada: 0 texts removed.\n"
    with sqlite3.connect(ready / "frontdesk.sqlite3") as database:
        database.execute("UPDATE agents_agent SET keep_texts = 0")
    database.close()
    assert run("retention", "--agent", "Ada").stdout == "Ada: 1 texts removed.\n"
    with sqlite3.connect(ready / "frontdesk.sqlite3") as database:
        assert database.execute("SELECT text, redacted FROM ledger_message").fetchall() == [("", 1)]
    database.close()
