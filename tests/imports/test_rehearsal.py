"""A dry run tells the outcomes that the import would have."""

from pathlib import Path

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports import recording
from frontdesk.imports.jsonl import import_jsonl
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.tables.contacts import import_contacts
from frontdesk.ledger import erase
from frontdesk.ledger.models import EndUser, Message
from tests.imports.test_jsonl import event

pytestmark = pytest.mark.django_db(transaction=True)


def counts(agent: Agent, file: Path, *, dry_run: bool) -> dict[str, int]:
    report = Report(show=lambda _: None, dry_run=dry_run)
    run = import_contacts if file.suffix == ".csv" else import_jsonl
    run(agent, file, report, Options(platform="web"))
    tally = report.tally
    return {
        "recorded": tally.recorded,
        "duplicates": tally.duplicates,
        "rejected": tally.rejected.total,
    }


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_a_repeat_in_a_later_batch_is_a_duplicate(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(recording, "BATCH", batch)
    file = tmp_path / "events.jsonl"
    edit = event(1, text="Better", editedAt="2026-10-14T13:00:00Z")
    file.write_bytes(b"\n".join([event(1), event(2), event(1), event(3), event(2), edit]))
    rehearsed = counts(agent, file, dry_run=True)
    assert not Message.objects.exists()
    assert rehearsed == counts(agent, file, dry_run=False)
    assert rehearsed == {"recorded": 4, "duplicates": 2, "rejected": 0}


@pytest.mark.parametrize("kind", ["messages", "contacts"])
def test_erased_users_are_rejected(agent: Agent, tmp_path: Path, kind: str) -> None:
    file = tmp_path / ("events.jsonl" if kind == "messages" else "contacts.csv")
    if kind == "messages":
        file.write_bytes(event(1) + b"\n" + event(2, externalId="u2"))
    else:
        file.write_text("User ID,Name\nu1,Alice\nu2,Bob\n")
    counts(agent, file, dry_run=False)
    gone = EndUser.objects.get(external_id="u1")
    erase.erase(agent, gone.id, "Olivia", may_return=False)
    rehearsed = counts(agent, file, dry_run=True)
    assert rehearsed == counts(agent, file, dry_run=False)
    assert rehearsed["rejected"] == 1
