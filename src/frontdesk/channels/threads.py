"""Thread pools for a runner's work with the database and backends: its event loop never blocks."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

DATABASE_THREADS = 8
ANSWER_THREADS = 32
"""Answers that one runner waits for at once, over all its connections."""


class Threads:
    """Two pools, so that slow backends do not delay receiving messages."""

    def __init__(self, name: str) -> None:
        self._database = ThreadPoolExecutor(DATABASE_THREADS, f"{name}-database")
        self._answers = ThreadPoolExecutor(ANSWER_THREADS, f"{name}-answer")

    async def database(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something short."""
        return await _run(self._database, do, *args, **kwargs)

    async def answer(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Wait for a backend."""
        return await _run(self._answers, do, *args, **kwargs)

    def end(self) -> None:
        """Start nothing more; what is running continues to its end."""
        self._database.shutdown(wait=False, cancel_futures=True)
        self._answers.shutdown(wait=False, cancel_futures=True)


async def _run(
    pool: ThreadPoolExecutor, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    def run() -> T:
        try:
            return do(*args, **kwargs)
        finally:
            close_old_connections()  # returns a pooled one, and discards a broken one

    return await asyncio.get_running_loop().run_in_executor(pool, run)
