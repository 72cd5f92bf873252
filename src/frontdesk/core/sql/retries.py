"""Transactions that are run again when the database ended them through no fault of their own.

PostgreSQL ends one of several transactions that wait for each other (a deadlock) or that read what
another has changed (a serialization failure); SQLite gives up when its file stays locked. Whatever
was decided inside such a transaction is decided again, from what the database holds by then.
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
    """Run in a transaction, and from its start again after such an error.

    Inside a transaction of the caller's it runs once: only the caller can start again.
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
                if attempt == attempts or not dialect().is_passing(error):
                    raise
                logger.info("running a transaction again: %s", error)
                time.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")

    return run
