"""Measure recording, pages, analytics, the gate and the chat, and write docs/benchmarks.md."""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from bench import databases, report
from bench.chatting import PEOPLE, TURNS, measure
from bench.databases import Installation
from bench.process import Worker
from bench.repeats import measure_once, repeats
from bench.report import Analytics, Chat, Checks, Pages, Recording, Results

OUTPUT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
FULL_SIZES: tuple[int, ...] = (0, 10_000, 100_000, 1_000_000)
QUICK_SIZES: tuple[int, ...] = (200,)
CHECKED_AT = (10_000, 200)
"""Numbers of users at which the gate is measured, in a full run and a quick one."""
CHECKS, QUICK_CHECKS = 4_000, 80


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to test the bench itself")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--sizes", help="numbers of users, such as 0,10000; default: all")
    options = parser.parse_args()
    if options.quick:
        measure_once()
    sizes, batches = (QUICK_SIZES, 1) if options.quick else (FULL_SIZES, 5)
    if options.sizes:
        sizes = tuple(map(int, options.sizes.split(",")))
    results = Results(command="make bench" + (" (quick)" if options.quick else ""))
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        for database in options.databases.split(","):
            make = databases.maker(database, Path(folder))
            for size in sizes:
                with make(str(size)) as installation:
                    _measure(installation, size, batches, results)
                options.output.write_text(report.render(results))  # in case the run is stopped
            with make("chat") as installation:
                results.chats.append(_chat(installation, quick=options.quick))
            options.output.write_text(report.render(results))
    _say(f"written to {options.output}")


def _measure(installation: Installation, size: int, batches: int, results: Results) -> None:
    """Create an installation of this size. Pages first, because recording changes them."""
    with _workers(installation, 2) as workers:
        first = workers[0]
        database = first.ask("versions")
        _say(f"{database}: creating {size:,} users")
        first.ask("set_up", size)
    if size:
        with _workers(installation, 1) as (reader,):
            _say(f"{database}: pages at {size:,} users")
            found = reader.ask("pages", size)
            results.pages.append(Pages(database, size, found["cases"], found["memory"]))
        with _workers(installation, 1) as (reader,):
            _say(f"{database}: analytics at {size:,} users")
            results.analytics.append(Analytics(database, size, *reader.ask("analytics")))
    if size in CHECKED_AT:
        with _workers(installation, 1) as (server,):
            _say(f"{database}: checks at {size:,} users")
            checks = CHECKS if batches > 1 else QUICK_CHECKS
            results.checks.append(Checks(database, size, server.ask("checks", checks)))
    with _workers(installation, 2) as workers:
        _say(f"{database}: recording at {size:,} users")
        results.recordings.append(_record(database, size, workers, batches))
    _say(f"  {results.recordings[-1]}")


def _chat(installation: Installation, *, quick: bool) -> Chat:
    _say("chat")
    chat = measure(installation, 10, 2, 5, 0.2) if quick else measure(installation, PEOPLE, TURNS)
    _say(f"  {chat}")
    return chat


def _record(database: str, size: int, workers: list[Worker], batches: int) -> Recording:
    numbers = count(1, batches)
    kinds: dict[str, tuple[str, list[Worker]]] = {
        "one": ("record", workers[:1]),
        "two": ("record", workers),
        "bare": ("bare", workers[:1]),
    }
    speeds: dict[str, list[float]] = {name: [] for name in kinds}
    work: list[float] = []
    # The kinds alternate, so that a busy moment affects all of them. The first run is a warm-up.
    for run in range(1 + repeats()):
        for name, (kind, writers) in kinds.items():
            for writer in writers:
                writer.ask("prepare", kind, next(numbers), batches)
            timings = Worker.ask_all(writers, "go")
            if run:
                seconds = max(seconds for seconds, _ in timings)
                speeds[name].append(len(writers) * batches * 1_000 / seconds)
                if name == "one":
                    work.append(timings[0][1] / batches)
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    return Recording(database, size, **medians, work=statistics.median(work))


@contextmanager
def _workers(installation: Installation, number: int) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Worker(installation)) for _ in range(number)]


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
