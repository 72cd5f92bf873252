"""Runs a transaction again after a deadlock or a serialization failure."""

import functools
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


def with_retries(write: Callable[P, T], attempts: int = 5) -> Callable[P, T]:
    """Run in a transaction, again from its start when the database chose it to end a deadlock.

    Inside a transaction of the caller's it runs once: only he can start again.
    """

    @functools.wraps(write)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return write(*args, **kwargs)
        for attempt in range(1, attempts + 1):
            try:
                with _turn(), transaction.atomic():
                    return write(*args, **kwargs)
            except OperationalError as error:
                if attempt == attempts or not _is_passing(error):
                    raise
                logger.info("retrying a batch: %s", error)
                time.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")

    return run


def _turn() -> AbstractContextManager[object]:
    """SQLite: the turn to write, among the threads of this process.

    Who waits in SQLite itself sleeps longer each time, and whoever comes by chance goes first: with
    8 writers one in a hundred waited for half a second and more.
    """
    return _writing if connection.vendor == "sqlite" else nullcontext()


_writing = threading.Lock()


def _is_passing(error: OperationalError) -> bool:
    """Deadlock (40P01) or serialisation failure (40001) of PostgreSQL; a busy SQLite file."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in ("40P01", "40001") or "database is locked" in str(error)
