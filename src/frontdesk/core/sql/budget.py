"""A limit on the time that the database may work for one page."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

from frontdesk.core.sql.dialect import dialect


class TooSlowError(Exception):
    """The list was not ready within the budget: its filters have to be narrowed."""


@contextmanager
def time_budget(seconds: float) -> Iterator[None]:
    """Let the database work for this long, then raise TooSlowError. Budgets do not nest.

    SQLite counts from here on, PostgreSQL anew for each statement.
    """
    sql = dialect()
    try:
        with sql.time_limit(seconds):
            yield
    except OperationalError as error:
        if sql.is_canceled(error):
            raise TooSlowError from error
        raise
