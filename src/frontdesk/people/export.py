"""Users as a file: everybody whom a list means, or those who were selected, in the list's order."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Iterator, Sequence

from frontdesk.agents.models import Agent
from frontdesk.people.filters import UsersQuery

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}
"""The formats by their name in the URL, with their content type."""


def stream(
    agent: Agent,
    who: UsersQuery | Sequence[uuid.UUID],
    form: str,
    columns: Sequence[str],
    zone: zoneinfo.ZoneInfo,
) -> Iterator[bytes]:
    """The file, piece by piece, in flat memory. `columns` are keys of people.columns.COLUMNS."""
    raise NotImplementedError


def file_name(agent: Agent, form: str, today: dt.date) -> str:
    """Such as "ada-users-2026-11-03.csv"."""
    raise NotImplementedError
