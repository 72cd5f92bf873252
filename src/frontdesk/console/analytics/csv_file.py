"""A table as a CSV file: money in dollars, lengths in seconds, texts made harmless."""

import csv
import io
from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.text import slugify

from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.query import Period
from frontdesk.core.money import dollars
from frontdesk.core.spreadsheets import escape_formulas

_UNITS = {"money": " in US dollars", "duration": " in seconds"}
_DIGITS = 6


def csv_response(table: Table, names: Sequence[str], period: Period) -> HttpResponse:
    """The table to download, named after the names and the days."""
    response = HttpResponse(csv_text(table), content_type="text/csv; charset=utf-8")
    name = "-".join(filter(None, (*map(slugify, names), str(period.first), str(period.last))))
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def csv_text(table: Table) -> str:
    """Heads, then rows. What is not known is empty; shares are numbers: 0.25 is 25 %."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(escape_formulas(head.title + _UNITS.get(head.kind, "")) for head in table.heads)
    for row in table.rows:
        writer.writerow(_cell(head, value) for head, value in zip(table.heads, row, strict=True))
    return text.getvalue()


def _cell(head: Head, value: Cell) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return escape_formulas(value)
    if head.kind == "money":
        return dollars(round(value))
    return round(value, _DIGITS) if isinstance(value, float) else value
