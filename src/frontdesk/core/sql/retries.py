"""Runs a transaction again after a transient database error.

PostgreSQL aborts one of several transactions that wait for each other (a deadlock), or one that
read what another has changed (a serialization failure). SQLite gives up if its file stays locked.
Each attempt makes all decisions again, from the current state of the database.
"""

import functools
import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from frontdesk.core.sql.dialect import dialect

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


def with_retries(write: Callable[P, T], attempts: int = 5) -> Callable[P, T]:
    """Run `write` in a transaction, and again after a transient error.

    Inside a caller's transaction it runs once: only the caller can retry that.
    """

    @functools.wraps(write)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return write(*args, **kwargs)
        for attempt in range(1, attempts + 1):
            try:
                with dialect().writers_turn(), transaction.atomic():
                    return write(*args, **kwargs)
            except OperationalError as error:
                if attempt == attempts or not dialect().is_transient(error):
                    raise
                logger.info("running a transaction again: %s", error)
                time.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")

    return run
