"""CSV of contacts: users without messages."""

import datetime as dt
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.commands.imports import app
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.tables.contacts import import_contacts
from frontdesk.ledger.erase import erase
from frontdesk.ledger.imports import undo
from frontdesk.ledger.models import EndUser, Import, Message
from frontdesk.ledger.recount import check
from tests.factories import make_event, make_user, record_events

THEN = dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC)
CONTACTS = """\
User ID,Full name,Email,Language,Plan,Tags,Company,Seats
42,Alice Ek,alice@example.com,en,pro,"vip, beta",Ek & Co,12
43,,,,,,,
"""


def run(
    agent: Agent, folder: Path, content: str, dry_run: bool = False, **options: object
) -> tuple[Report, str]:
    file = folder / "contacts.csv"
    file.write_text(content)
    os.utime(file, (THEN.timestamp(), THEN.timestamp()))
    notes: list[str] = []
    report = Report(show=notes.append, dry_run=dry_run)
    import_contacts(agent, file, report, Options(**{"platform": "web", **options}))  # type: ignore[arg-type]
    return report, "\n".join(notes)


@pytest.mark.django_db(transaction=True)
def test_users_are_recorded_and_imported_again_are_duplicates(agent: Agent, tmp_path: Path) -> None:
    report, notes = run(agent, tmp_path, CONTACTS)
    alice, other = EndUser.objects.order_by("external_id")
    assert (alice.platform, alice.external_id, alice.name) == ("web", "42", "Alice Ek")
    assert (alice.email, alice.language, alice.plan) == ("alice@example.com", "en", "pro")
    assert (alice.tags, alice.attributes) == (
        ["beta", "vip"],
        {"Company": "Ek & Co", "Seats": "12"},
    )
    assert (other.name, other.attributes, other.first_seen_at) == ("", {}, THEN)
    assert not Message.objects.exists()
    assert "2 contacts have no time and got 2026-10-01T08:00:00Z, by default the file's" in notes
    assert Import.objects.get().format == "contacts"
    again, _ = run(agent, tmp_path, CONTACTS)
    assert (report.tally.recorded, again.tally.recorded, again.tally.duplicates) == (2, 0, 2)
    assert not check(agent)


def test_a_row_says_since_when_a_user_is_known_and_when_it_was_true(
    agent: Agent, tmp_path: Path
) -> None:
    make_user(agent, "Old", platform="web", time=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))
    content = (
        "id,name,created_at,last seen\nold,New,2026-03-01 10:00,2026-06-01 10:00\n"
        "2,Bo,2026-03-01,2026-02-01\n3,Cy,soon,never\n"
    )
    report, _ = run(agent, tmp_path, content)
    user = EndUser.objects.get()
    assert (user.name, user.first_seen_at.month) == ("New", 3)
    first, second = report.tally.rejected
    assert "firstSeen is before 1980, or after the time of the row" in first
    assert "firstSeen: soon is not a time" in second
    assert "time: never is not a time" in second


def test_newer_values_stay(agent: Agent, tmp_path: Path) -> None:
    make_user(agent, "Ada", platform="web", time=THEN + dt.timedelta(days=1))
    content = "id,name,email\nada,Old name,ada@example.com\n"
    run(agent, tmp_path, content)
    user = EndUser.objects.get()
    assert (user.name, user.email) == ("Ada", "ada@example.com")
    run(agent, tmp_path, content, time=THEN + dt.timedelta(days=2))
    assert EndUser.objects.get().name == "Old name"


def test_attributes_are_bounded_and_what_is_left_out_is_named(agent: Agent, tmp_path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(52))
    content = f"id,,{names}\n1,blank," + ",".join("x" * 52) + "\n2,," + "x" * 8_000 + "\n"
    report, notes = run(agent, tmp_path, content)
    assert "Columns that are not imported: (no name), c50, c51." in notes
    [reason] = report.tally.rejected
    assert "attributes are longer than 8,000 characters" in reason
    assert len(EndUser.objects.get().attributes) == 50


def test_a_column_of_attributes_is_taken_apart(agent: Agent, tmp_path: Path) -> None:
    content = 'id,attributes,city\n1,"{""seats"": 12}",Oslo\n2,seats,Oslo\n'
    report, _ = run(agent, tmp_path, content)
    assert EndUser.objects.get().attributes == {"seats": 12, "city": "Oslo"}
    [reason] = report.tally.rejected
    assert reason == "attributes must be an object {…}, not text"


def test_the_identity_is_needed_and_can_be_said(agent: Agent, tmp_path: Path) -> None:
    content = "Email,Name\nada@example.com,Ada\n"
    with pytest.raises(ImportFileError, match=r"externalId \(your id of the user\).*Email, Name"):
        run(agent, tmp_path, content)
    run(agent, tmp_path, content, columns=("externalId=Email",))
    user = EndUser.objects.get()
    assert (user.external_id, user.email, user.attributes) == ("ada@example.com",) * 2 + ({},)


def test_rejected_rows_are_set_aside(agent: Agent, tmp_path: Path) -> None:
    erased = make_user(agent, "Gone", platform="web")
    erase(agent, erased.id, "Olivia", may_return=False)
    report, _ = run(agent, tmp_path, "id,email\ngone,\n,a@b.example\n2,no\n3,\n")
    assert report.tally.recorded == 1
    kept = tmp_path / "contacts.csv.rejected.csv"
    assert kept.read_text() == "id,email\ngone,\n,a@b.example\n2,no\n"
    why = (tmp_path / "contacts.csv.rejected.reasons.txt").read_text().splitlines()
    assert ["erased" in why[0], "externalId is missing" in why[1]] == [True, True]
    assert why[2] == "row 4: email is not an e-mail address"


def test_a_dry_run_changes_nothing_and_tells_what_would_be(agent: Agent, tmp_path: Path) -> None:
    run(agent, tmp_path, "id,name\n1,Ada\n")
    content = "id,name\n1,Ada\n1,Bea\n2,Cy\n2,Cy\n3,\n"
    report, _ = run(agent, tmp_path, content, dry_run=True)
    assert (report.tally.recorded, report.tally.duplicates) == (3, 2)
    assert report.first[:3] == ["  web:1  Ada", "  web:1  Bea", "  web:2  Cy"]
    assert EndUser.objects.count() == 1
    actual, _ = run(agent, tmp_path, content)
    assert (actual.tally.recorded, actual.tally.duplicates) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_contacts_are_taken_back_with_the_import(agent: Agent, tmp_path: Path) -> None:
    make_user(agent, "Ada", platform="web")
    record_events(agent, make_event(5, platform="web", external_id="late", name=None))
    run(agent, tmp_path, "id,name\nada,Adam\nlate,Late\n3,Cy\n", time=THEN + dt.timedelta(days=30))
    result = undo(SYSTEM, Import.objects.get().id)
    assert (result.removed_messages, result.removed_users) == (0, 1)
    assert sorted(EndUser.objects.values_list("external_id", "name")) == [
        ("ada", "Ada"),
        ("late", ""),
    ]
    assert not check(agent)


def test_the_example_of_the_documentation_is_recorded(agent: Agent, tmp_path: Path) -> None:
    documents = Path(__file__).parents[2] / "docs" / "imports.md"
    _, example = re.findall("```csv\n(.*?)```", documents.read_text(), re.DOTALL)
    report, _ = run(agent, tmp_path, example)
    assert report.tally.recorded == report.tally.read == 2
    alice = EndUser.objects.get(external_id="42")
    assert (alice.tags, alice.attributes) == (["beta", "vip"], {"Company": "Ek & Co"})
    assert alice.first_seen_at == dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)


def test_the_command(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("Key;Name\n1;Ada\n")
    arguments = ["contacts", str(file), "--agent", "Ada", "--map", "externalId=Key"]
    arguments += ["--platform", "web", "--time", "2026-10-01T08:00:00"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    user = EndUser.objects.get()
    assert (user.name, user.platform, user.first_seen_at) == ("Ada", "web", THEN)
