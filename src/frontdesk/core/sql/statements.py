"""Raw statements: pieces of SQL with their parameters, and reading the rows they give."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from frontdesk.core.sql.dialect import Sql, dialect

__all__ = ["Sql", "marks", "read_id", "read_ids", "read_rows", "walking"]


def marks(values: Sequence[object]) -> str:
    """A placeholder for each value."""
    return ", ".join(["%s"] * len(values))


def read_id(value: uuid.UUID | str) -> uuid.UUID:
    """An id as a raw statement gives it back."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def read_rows(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a SELECT. Parameters are as the models have them: ids, times, days."""
    adapt = dialect().adapt
    with connection.cursor() as cursor:
        cursor.execute(statement, [adapt(value) for value in params])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def read_ids(statement: str, params: Sequence[Any]) -> list[uuid.UUID]:
    """The first column of a statement's rows, ids."""
    return [read_id(row[0]) for row in read_rows(statement, params)]


@contextmanager
def walking() -> Iterator[None]:
    """Let one statement walk an index, and not sort.

    Where the index hint is enough, there is no transaction: it would be a writer's.
    """
    sql = dialect()
    if sql.has_one_writer:
        yield
    else:
        with transaction.atomic():
            sql.forbid_sorting()
            yield
