"""Users as a file: all users of a list, or the selected ones, in the list's order.

Tables are for people: plans by name, costs in dollars. CSV escapes formulas; the cells of XLSX have
types, and a text is no formula there. JSON lines are for programs: names and units are the API's.
"""

import csv
import datetime as dt
import io
import uuid
import zoneinfo
from collections.abc import Callable, Iterator, Sequence
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.text import slugify
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from frontdesk.agents.models import Agent
from frontdesk.core.money import dollars
from frontdesk.core.spreadsheets import escape_formulas
from frontdesk.people.exports.export_fields import (
    Values,
    all_tags,
    fields_of,
    id_text,
    select_of,
)
from frontdesk.people.table import traversal
from frontdesk.people.table.columns import Field
from frontdesk.people.table.conditions import is_blocked, is_near_limit
from frontdesk.people.table.rows import PlanAndTagNames
from frontdesk.people.table.users_query import UsersQuery

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}
"""The formats by their name in the URL, with their content type."""

SHEET_ROWS = 1_048_576
"""The most rows of a sheet, including the head. Further users go to further sheets."""

_BLOCK = 64 * 1024

Users = UsersQuery | Sequence[uuid.UUID]
Convert = Callable[[Any], Any]
Rows = Iterator[list[tuple[Any, ...]]]


def stream(
    agent: Agent, users: Users, form: str, columns: Sequence[str], zone: zoneinfo.ZoneInfo
) -> Iterator[bytes]:
    """The file, piece by piece, in flat memory. `columns` are keys of `COLUMNS`.

    A user who writes in the meantime may move in a list that is sorted by a column that changes,
    and be missed: sort by name or first seen to get all users. XLSX is complete before its first
    byte is sent; CSV and JSON lines are sent as they are read.
    """
    fields = fields_of(dict.fromkeys(columns))
    values = Values(zone, PlanAndTagNames.of(agent))
    writer = {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl}[form]
    yield from writer(fields, values, _chunks(agent, users, fields, values))


def file_name(agent: Agent, form: str, today: dt.date) -> str:
    """Such as "ada-users-2026-11-03.csv"."""
    return f"{slugify(agent.name)[:60] or 'agent'}-users-{today:%Y-%m-%d}.{form}"


def _chunks(agent: Agent, users: Users, fields: Sequence[Field], values: Values) -> Rows:
    """The values of the fields as the database returns them, some users at a time."""
    select = ", ".join(select_of(each) for each in fields)
    if not any(each.kind == "moderated" for each in fields):
        yield from traversal.in_order(agent, users, (select, []))
        return
    # All users are checked for a block; its details are read for the few that have one.
    conditions = (is_blocked(agent, timezone.now()), is_near_limit(agent))
    flags = ", ".join(f"CASE WHEN {each.sql} THEN 1 ELSE 0 END" for each in conditions)
    flagged = (f"{select}, {flags}", [value for each in conditions for value in each.params])
    for rows in traversal.in_order(agent, users, flagged):
        values.look_up((row[0] for row in rows if row[-2]), {row[0] for row in rows if row[-1]})
        yield [row[:-2] for row in rows]


# --- tables --------------------------------------------------------------------------------------


def _csv(fields: Sequence[Field], values: Values, chunks: Rows) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"  # without it, Excel reads the file in the machine's code page
    yield _csv_lines([_titles(fields, values)])
    convert = [_cell(each, values, money=dollars, text=_escaped) for each in fields]
    for rows in chunks:
        yield _csv_lines(
            [c(v) if c else v for c, v in zip(convert, row, strict=True)] for row in rows
        )


def _csv_lines(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _xlsx(fields: Sequence[Field], values: Values, chunks: Rows) -> Iterator[bytes]:
    convert = [
        _cell(each, values, money=lambda micro: micro / 1_000_000, text=_as_it_is)
        for each in fields
    ]
    # A separate folder for the rows, so that an aborted file leaves no data behind.
    with TemporaryFile() as file, TemporaryDirectory() as rows_folder:
        book = Workbook(file, {"constant_memory": True, "tmpdir": rows_folder})
        book.use_zip64()
        head = book.add_format({"bold": True})
        sheet, number = None, SHEET_ROWS
        for rows in chunks:
            for row in rows:
                if sheet is None or number == SHEET_ROWS:
                    sheet, number = _sheet(book, _titles(fields, values), head), 1
                _write(sheet, number, convert, row)
                number += 1
        if sheet is None:
            _sheet(book, _titles(fields, values), head)
        book.close()
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _sheet(book: Workbook, titles: Sequence[str], head: Any) -> Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
    return sheet


def _write(sheet: Worksheet, number: int, convert: Sequence[Convert | None], row: Any) -> None:
    for column, (c, raw) in enumerate(zip(convert, row, strict=True)):
        value = c(raw) if c else raw
        if isinstance(value, str):
            if value:
                sheet.write_string(number, column, value)
        elif value is not None:
            sheet.write_number(number, column, value)


def _titles(fields: Sequence[Field], values: Values) -> list[str]:
    """The titles of the columns; those of times name the zone."""
    return [
        f"{each.title} ({values.zone.key})"
        if each.kind == "time" or each.key == "blockedUntil"
        else str(each.title)
        for each in fields
    ]


def _escaped(value: str | None) -> str:
    return escape_formulas(value) if value else ""


def _as_it_is(value: str | None) -> str:
    return value or ""


def _cell(each: Field, values: Values, money: Convert, text: Convert) -> Convert | None:
    """The function that converts a database value to a cell; None if none is needed."""

    def moderated(look: Convert) -> Convert:
        return lambda id_: text(look(id_))

    converters: dict[str, Convert | None] = {
        "id": id_text,
        "text": text,
        "number": None,
        "time": lambda value: values.time(value) or "",
        "money": money,
        "plan": lambda key: text(values.plan(key)),
        "tags": lambda pair: text(", ".join(all_tags(pair))),
    }
    if each.kind == "moderated":
        return moderated(values.moderated(each))
    return converters[each.kind]


# --- JSON lines ----------------------------------------------------------------------------------


def _jsonl(fields: Sequence[Field], values: Values, chunks: Rows) -> Iterator[bytes]:
    convert = [_value(each, values) for each in fields]
    keys = [each.key for each in fields]
    for rows in chunks:
        lines = (
            dict(
                zip(
                    keys, (c(v) if c else v for c, v in zip(convert, row, strict=True)), strict=True
                )
            )
            for row in rows
        )
        yield b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def _value(each: Field, values: Values) -> Convert | None:
    if each.kind == "moderated":
        return values.moderated(each)
    converters: dict[str, Convert] = {"id": id_text, "time": values.time, "tags": all_tags}
    return converters.get(each.kind)
