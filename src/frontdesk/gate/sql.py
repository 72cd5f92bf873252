"""Statements of the gate's own, with plain parameters, on both databases."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from frontdesk.ledger import bulk


def fetch(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a SELECT. Parameters are as the models have them: ids, times, days."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [_adapted(value) for value in params])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def read_id(value: uuid.UUID | str) -> uuid.UUID:
    """An id as a SELECT brings it."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _adapted(value: Any) -> Any:
    if connection.vendor != "sqlite":
        return value
    match value:
        case uuid.UUID():
            return value.hex
        case dt.datetime():
            return bulk.sqlite_time(value)
        case dt.date():
            return value.isoformat()
    return value
