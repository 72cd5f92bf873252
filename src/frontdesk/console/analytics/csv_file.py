"""A table as a CSV file: money in dollars, durations in seconds, no formulas."""

import csv
import io
from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.query import Period
from frontdesk.core.money import dollars
from frontdesk.core.spreadsheets import escape_formulas

_DIGITS = 6


def csv_response(table: Table, names: Sequence[str], period: Period) -> HttpResponse:
    """The table as a download. Its file name has the names and the days."""
    response = HttpResponse(csv_text(table), content_type="text/csv; charset=utf-8")
    name = "-".join(filter(None, (*map(slugify, names), str(period.first), str(period.last))))
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def csv_text(table: Table) -> str:
    """The heads, then the rows. Unknown values are empty. Shares are numbers: 0.25 is 25 %."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(escape_formulas(_title(head)) for head in table.heads)
    for row in table.rows:
        writer.writerow(_cell(head, value) for head, value in zip(table.heads, row, strict=True))
    return text.getvalue()


def _title(head: Head) -> str:
    match head.kind:
        case "money":
            return _("%(title)s in US dollars") % {"title": head.title}
        case "duration":
            return _("%(title)s in seconds") % {"title": head.title}
        case _other:
            return head.title


def _cell(head: Head, value: Cell) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return escape_formulas(value)
    if head.kind == "money":
        return dollars(round(value))
    return round(value, _DIGITS) if isinstance(value, float) else value
