"""Raw statements: SQL with its parameters, and reading the rows that it returns."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from frontdesk.core.sql.dialect import Sql, dialect

__all__ = ["Sql", "placeholders", "read_id", "read_ids", "read_rows", "without_sorting"]


def placeholders(values: Sequence[object]) -> str:
    """A placeholder for each value."""
    return ", ".join(["%s"] * len(values))


def read_id(value: uuid.UUID | str) -> uuid.UUID:
    """Convert an id that a raw statement returned."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def read_rows(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a SELECT. Parameters have the models' types: ids, times, days."""
    adapt = dialect().adapt
    with connection.cursor() as cursor:
        cursor.execute(statement, [adapt(value) for value in params])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def read_ids(statement: str, params: Sequence[Any]) -> list[uuid.UUID]:
    """The ids in the first column of a statement's rows."""
    return [read_id(row[0]) for row in read_rows(statement, params)]


@contextmanager
def without_sorting() -> Iterator[None]:
    """Make one statement walk an index instead of sorting.

    Where the index hint is enough, no transaction is started: it would block writers.
    """
    sql = dialect()
    if sql.has_one_writer:
        yield
    else:
        with transaction.atomic():
            sql.forbid_sorting()
            yield
