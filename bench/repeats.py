"""How often each thing is measured; its median counts."""

import os
import statistics
import time
from collections.abc import Callable

_VARIABLE = "FRONTDESK_BENCH_REPEATS"


def repeats() -> int:
    return int(os.environ.get(_VARIABLE, "5"))


def measure_once() -> None:
    """From now on, also in the processes that are started: nothing is repeated, or warmed up."""
    os.environ[_VARIABLE] = "1"


def median_seconds(act: Callable[[], object]) -> float:
    if repeats() > 1:
        act()  # a warm-up
    seconds = []
    for _ in range(repeats()):
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
