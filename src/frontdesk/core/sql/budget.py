"""A limit on the database time for one page."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

from frontdesk.core.sql.dialect import dialect


class TooSlowError(Exception):
    """The list was not ready within the budget; its filters must be narrower."""


@contextmanager
def time_budget(seconds: float) -> Iterator[None]:
    """Raise TooSlowError if the database takes longer than this. Budgets do not nest.

    SQLite measures the whole block, PostgreSQL each statement.
    """
    sql = dialect()
    try:
        with sql.time_limit(seconds):
            yield
    except OperationalError as error:
        if sql.is_canceled(error):
            raise TooSlowError from error
        raise
