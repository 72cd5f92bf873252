"""A limit on the time that the database may work for one page."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import OperationalError, connection, transaction

_QUERY_CANCELED = "57014"
_STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock: about a millisecond


class TooSlowError(Exception):
    """The list was not ready within the budget: its filters have to be narrowed."""


@contextmanager
def time_budget(seconds: float) -> Iterator[None]:
    """Let the database work for this long, then raise TooSlowError. Budgets do not nest.

    SQLite counts from here on, PostgreSQL anew for each statement.
    """
    try:
        with _sqlite(seconds) if connection.vendor == "sqlite" else _postgres(seconds):
            yield
    except OperationalError as error:
        if "interrupted" in str(error) or _sqlstate(error) == _QUERY_CANCELED:
            raise TooSlowError from error
        raise


@contextmanager
def _sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    until = monotonic() + seconds
    connection.connection.set_progress_handler(lambda: monotonic() > until, _STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


@contextmanager
def _postgres(seconds: float) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        yield


def _sqlstate(error: OperationalError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
