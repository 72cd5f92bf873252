"""Exported files: their users, their order, and the values of cells."""

import csv
import datetime as dt
import io
import json
import re
import tempfile
import zipfile
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.reachability import set_reachable
from frontdesk.people import actions
from frontdesk.people.exports import export
from frontdesk.people.table import traversal
from frontdesk.people.table.columns import COLUMNS
from tests.factories import NOON, make_agent, make_plan, make_user, make_users
from tests.people.test_query import parse

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
EVERY = list(COLUMNS)


def file(agent: Agent, form: str = "csv", text: str = "", columns: list[str] = EVERY) -> bytes:
    return b"".join(export.stream(agent, parse(text, BERLIN), form, columns, BERLIN))


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def lines(content: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in content.splitlines()]


def test_a_csv_has_all_matching_users_in_the_order_of_the_list(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traversal, "STEP", 4)
    make_users(agent, 10)
    make_user(agent, "Telegrapher")
    names = [row["Name"] for row in table(file(agent, text="platform=web&sort=-name"))]
    assert names == [f"Visitor {n:03}" for n in range(10, 0, -1)]
    assert len(table(file(agent))) == 11


def test_cells_are_what_the_list_shows(agent: Agent) -> None:
    make_plan(agent, "pro", name="Professional")
    user = make_user(
        agent, "Ada", username="ada", email="a@x.org", language="de", tags=["told"], plan="pro",
        cost=1_250_000,
    )  # fmt: skip
    actions.change_tags(SYSTEM, agent, [user.id], ["vip"])
    actions.block(SYSTEM, agent, [user.id], reason="Spam", until=None)
    at = NOON + dt.timedelta(hours=1)
    set_reachable(agent, user.id, reachable=False, at=at, cause="blocked the bot")
    [row] = table(file(agent))
    assert row == {
        "Id": str(user.id),
        "External id": "ada",
        "Name": "Ada",
        "Username": "ada",
        "E-mail": "a@x.org",
        "Platform": "telegram",
        "Last message (Europe/Berlin)": "2026-10-14T14:00:00.000000+02:00",
        "Sessions": "1",
        "Chat messages": "1",
        "Sent messages": "1",
        "Cost in US dollars": "1.25",
        "Unpriced messages": "0",
        "Subscription": "Professional",
        "Subscription until (Europe/Berlin)": "",
        "Tags": "told, vip",
        "Status": "blocked",
        "Blocked until (Europe/Berlin)": "",
        "Block reason": "Spam",
        "Unreachable since (Europe/Berlin)": "2026-10-14T15:00:00.000000+02:00",
        "Unreachable cause": "blocked the bot",
        "Active days": "1",
        "First seen (Europe/Berlin)": "2026-10-14T14:00:00.000000+02:00",
        "Language": "de",
    }


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_times_are_kept_to_the_microsecond(agent: Agent, form: str) -> None:
    make_user(agent, "Ada", time=NOON + dt.timedelta(microseconds=120_003))
    content = file(agent, form, columns=["first_seen"])
    [row] = table(content) if form == "csv" else lines(content)
    assert "2026-10-14T14:00:00.120003+02:00" in row.values()


def test_json_lines_use_the_names_of_the_api(agent: Agent) -> None:
    user = make_user(agent, "=Ada", tags=["b", "a"], plan="pro", cost=5, role="agent")
    [line] = lines(file(agent, "jsonl"))
    assert line["id"] == str(user.id)
    assert (line["name"], line["tags"], line["subscription"]) == ("=Ada", ["a", "b"], "pro")
    assert (line["userCost"], line["lastMessage"], line["status"]) == (5, None, "active")
    assert line["blockReason"] is None


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠", "\t", "\r"])
def test_no_cell_is_a_formula(agent: Agent, sign: str) -> None:
    """Names lose control characters when they are recorded, so these are written directly."""
    user = make_user(agent, "Ada")
    EndUser.objects.filter(id=user.id).update(
        name=f"{sign}cmd|' /C calc'!A0", tags=[f"{sign}1"], plan=f"{sign}2", external_id=f"{sign}3"
    )
    actions.block(SYSTEM, agent, [user.id], reason="=1+1", until=None)
    [row] = table(file(agent))
    for title in ("Name", "Tags", "Subscription", "External id", "Block reason"):
        assert row[title].startswith("'")
    assert int(row["Sent messages"]) == 1  # numbers stay numbers
    cells = "".join(sheets(file(agent, "xlsx")))
    assert "<f>" not in cells
    assert "&apos;cmd" not in cells
    assert f"'{sign}" not in cells  # a text is no formula there, and is unchanged


@pytest.mark.parametrize("text", ["a;=1", "a; @SUM(1)", "a;b;\t+1", "=a;-1"])
def test_no_formula_starts_after_a_semicolon(agent: Agent, text: str) -> None:
    user = make_user(agent, "Ada")
    EndUser.objects.filter(id=user.id).update(name=text)
    [row] = table(file(agent, columns=["name"]))
    cells = [cell.strip() for cell in row["Name"].split(";")]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert row["Name"].replace("'", "") == text


def sheets(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in sorted(book.namelist()):
            if name.startswith("xl/worksheets/sheet"):
                yield book.read(name).decode()


def test_a_spreadsheet_goes_on_in_further_sheets(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", 4)
    make_users(agent, 7)
    found = [
        re.findall(r"<t[^>]*>(Name|Visitor \d+)</t>", sheet)
        for sheet in sheets(file(agent, "xlsx", "sort=name", ["name"]))
    ]
    assert found == [
        ["Name", "Visitor 001", "Visitor 002", "Visitor 003"],
        ["Name", "Visitor 004", "Visitor 005", "Visitor 006"],
        ["Name", "Visitor 007"],
    ]


def test_an_aborted_spreadsheet_leaves_no_file_behind(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def broken(*_: object) -> Iterator[list[tuple[object, ...]]]:
        yield [(f"{number:032}", "secret") for number in range(9)]
        assert list(tmp_path.rglob("*"))
        raise DatabaseError

    monkeypatch.setattr(traversal, "in_order", broken)
    with pytest.raises(DatabaseError):
        b"".join(export.stream(agent, parse(""), "xlsx", [], BERLIN))
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("form", export.FORMATS)
def test_a_file_without_users_is_valid(agent: Agent, form: str) -> None:
    assert lines(file(agent, form)) == [] if form == "jsonl" else file(agent, form)


def test_rows_are_sent_before_the_last_is_read(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traversal, "STEP", 5)
    make_users(agent, 20)
    stream = export.stream(agent, parse(""), "csv", ["name"], BERLIN)
    with CaptureQueriesContext(connection) as captured:
        first = b"".join(next(stream) for _ in range(3))
    read = [query["sql"] for query in captured if "LIMIT 5" in query["sql"]]
    assert len(read) == 1
    assert first.count(b"Visitor") == 5
    assert b"".join(stream).count(b"Visitor") == 15


class TestPages:
    def url(self, agent: Agent, query: str = "") -> str:
        return f"/agents/{agent.id}/users/export{query}"

    def test_what_matches_is_downloaded(
        self, signed_in: Client, agent: Agent, operator: Operator
    ) -> None:
        operator.time_zone = "Europe/Berlin"
        operator.save()
        make_users(agent, 3)
        make_user(agent, "Telegrapher", NOON.minute)
        answer = signed_in.get(self.url(agent, "?platform=web&format=csv&column=first_seen"))
        assert re.fullmatch(
            r'attachment; filename="ada-users-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"]
        )
        rows = table(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
        assert list(rows[0]) == ["Id", "External id", "First seen (Europe/Berlin)"]
        assert len(rows) == 3

    def test_selected_users_are_downloaded_and_none_of_another_agent(
        self, signed_in: Client, agent: Agent
    ) -> None:
        other = make_user(make_agent("Bob"), "Zoe")
        users = [make_user(agent, name) for name in ("Ada", "Bea", "Cem")]
        ids = [users[2].id, other.id, users[0].id, "nonsense"]
        answer = signed_in.post(self.url(agent), {"id": ids, "format": "jsonl", "column": "name"})
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert [line["name"] for line in lines(content)] == ["Cem", "Ada"]

    @pytest.mark.parametrize(
        "query", ["format=pdf", "format=csv&column=password", "format=csv&sort=beauty"]
    )
    def test_invalid_parameters_are_refused(
        self, signed_in: Client, agent: Agent, query: str
    ) -> None:
        assert signed_in.get(self.url(agent, f"?{query}")).status_code == 422

    def test_without_a_format_it_asks(self, signed_in: Client, agent: Agent) -> None:
        make_users(agent, 3)
        html = signed_in.get(self.url(agent, "?platform=web&sort=name")).text
        assert "Export 3 users" in html
        assert '<input type="hidden" name="platform" value="web">' in html

    def test_it_is_behind_sign_in(self, client: Client, agent: Agent) -> None:
        assert client.get(self.url(agent)).status_code == 302
