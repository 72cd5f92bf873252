"""How often each measurement is repeated; the median counts."""

import os
import statistics
import time
from collections.abc import Callable

_VARIABLE = "FRONTDESK_BENCH_REPEATS"


def repeats() -> int:
    return int(os.environ.get(_VARIABLE, "5"))


def measure_once() -> None:
    """Measure once and without a warm-up from now on, in child processes too."""
    os.environ[_VARIABLE] = "1"


def median_seconds(action: Callable[[], object]) -> float:
    if repeats() > 1:
        action()  # a warm-up
    seconds = []
    for _ in range(repeats()):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
