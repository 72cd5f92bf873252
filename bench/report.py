"""Renders the figures of docs/benchmarks.md, each next to its target."""

import datetime as dt
import os
import platform
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

RECORDING_TARGETS = {
    ("SQLite", 0): 20_000,
    ("SQLite", 1_000_000): 8_000,
    ("PostgreSQL", 0): 15_000,
    ("PostgreSQL", 1_000_000): 8_000,
}
"""Messages per second."""

MAX_RATIO = 1.5
MAX_SECONDS = {"filter": 0.1, "list": 0.1, "middle": 0.05, "search": 0.1}
MAX_BLOCK = 0.1
"""Seconds of one block of analytics."""
MAX_CHECK = 0.01
"""Seconds of a check by a single caller in 99 of 100 cases."""

MAX_MEMORY_RATIO = 1.25
"""The tolerance of "flat"."""

INTRODUCTION = """\
# Benchmarks

Written by `make bench`; the targets are those of the project's design. Every figure is the median
of five. {command} on {date}, {machine}, Python {python}; load before the run {load:.1f}.

## Recording

Messages per second, in batches of 1,000 messages from 200 users, 40 of them new, with all data
kept and every index in place. "Bare" only inserts the same message rows into the same table, one
transaction per batch (`executemany` on SQLite, `COPY` on PostgreSQL), alternating with recording
in the same run. A writer is a process. The target is met when one or two writers reach it. "CPU
ms" is the CPU time of one batch in the single writer's process, which other programs on the
machine hardly affect.
"""

BUSY = """
**Other programs kept this machine busy before the run began. The wall-clock figures are too low by
an unknown factor, and their ratios are random: repeat the run.**
"""

PAGES = """
## The Users page

Milliseconds in the server for the whole page, including HTML, and the ratio to the same page at
the smallest size. Sorts, and one equality filter with the default sort, may take 1.5 times as
long; any other single filter, and a search, 100 ms; the middle page 50 ms.
"""

ANALYTICS = """
## Analytics

Milliseconds in the server for an agent's page, and for each of its blocks alone, with the rollups
of two years: twenty messages and five active days per user, five platforms, nine models. Each
block may take 100 ms. The blocks of a page share what they read; the page also includes the HTML.
"""

CHECKING = """
## The gate

Milliseconds in the server for `POST …/check`, including key and JSON, for known users and admitted
messages, with every kind of limit set: asking, and reserving, which writes. Callers are threads of
one process, and each waits for its answer before the next request; so 8 callers wait for each
other, and a request takes at least 8 times "CPU ms".
"""

CHATTING = """
## The web chat

People who all begin to chat at the same moment and continue without a pause, on one server process
as `frontdesk serve` starts it, with a model that answers 40 words in 2 seconds. "Model alone" is
for as many people who ask the model directly. Milliseconds until the first word and the end of the
answer; people, model and database share the machine.
"""

CHATTED = """
A message is lost when it or its complete answer is not in the ledger, and doubled when one of them
is there twice. "CPU ms" is the server's CPU time for an answer, from the message to its record;
"MB" is the private memory of its process afterwards.
"""

MEMORY = """
## Memory

The private memory of a process after showing each of the pages above six times (without the mapped
pages of the database file).
"""


@dataclass(frozen=True)
class Recording:
    """Messages per second at a number of users: one writer, two, and bare."""

    database: str
    users: int
    one: float
    two: float
    bare: float
    work: float
    """CPU seconds of a batch in the writer's process."""

    @property
    def best(self) -> float:
        return max(self.one, self.two)


@dataclass(frozen=True)
class Pages:
    """(group, name, seconds) of each page at a size, and the bytes of memory afterwards."""

    database: str
    users: int
    cases: list[tuple[str, str, float]]
    memory: int


@dataclass(frozen=True)
class Analytics:
    """Seconds of each block and of the whole page, by query, at a size."""

    database: str
    users: int
    blocks: list[tuple[str, dict[str, float]]]
    page: dict[str, float]


@dataclass(frozen=True)
class Checks:
    """The `bench.checking.Case`s of the gate, at a size."""

    database: str
    users: int
    cases: list[tuple[str, int, float, float, float]]


class Spread(NamedTuple):
    """Seconds: the median and the 95th and 99th percentiles."""

    median: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Spread":
        points = statistics.quantiles(seconds, n=100, method="inclusive")
        return cls(points[49], points[94], points[98])


@dataclass(frozen=True)
class Chat:
    """The figures of people who chat at once, next to those of the model alone.

    `cpu` is the server's CPU seconds per answer, `memory` the private bytes of its process
    afterwards. `lost` messages and answers are missing in the ledger, `doubled` ones are in it
    twice.
    """

    database: str
    people: int
    first: Spread
    whole: Spread
    model_first: Spread
    model_whole: Spread
    per_second: float
    cpu: float
    memory: int
    lost: int
    doubled: int


@dataclass
class Results:
    command: str
    recordings: list[Recording] = field(default_factory=list)
    pages: list[Pages] = field(default_factory=list)
    analytics: list[Analytics] = field(default_factory=list)
    checks: list[Checks] = field(default_factory=list)
    chats: list[Chat] = field(default_factory=list)
    load: float = field(default_factory=lambda: os.getloadavg()[0])


def render(results: Results) -> str:
    introduction = INTRODUCTION.format(
        command=f"`{results.command}`",
        date=dt.datetime.now(dt.UTC).date(),
        machine=_machine(),
        python=platform.python_version(),
        load=results.load,
    )
    if results.load > 1:
        introduction = introduction.replace("\n## Recording", BUSY + "\n## Recording", 1)
    parts = [introduction, *_recording(results.recordings), PAGES]
    for _, sizes in groupby(results.pages, key=lambda pages: pages.database):
        parts += _pages(list(sizes))
    parts += [ANALYTICS, *_analytics(results.analytics)]
    parts += [CHECKING, *_checks(results.checks)]
    parts += chatting(results.chats)
    parts += [MEMORY, *_memory(results.pages)]
    return "\n".join(parts).rstrip() + "\n"


def _recording(recordings: Iterable[Recording]) -> Iterator[str]:
    yield from _head(
        "Database", "Users", "One writer", "Two", "CPU ms", "Bare", "Best / bare", "Target", ""
    )
    for r in recordings:
        target = RECORDING_TARGETS.get((r.database.split()[0], r.users))
        yield _row(
            r.database, f"{r.users:,}", f"{r.one:,.0f}", f"{r.two:,.0f}", f"{r.work * 1e3:.0f}",
            f"{r.bare:,.0f}", f"{r.best / r.bare:.2f}",
            f"{target:,}" if target else "", _verdict(target, r.best),
        )  # fmt: skip


def _verdict(target: float | None, reached: float) -> str:
    """The verdict on a figure that should be at least its target."""
    if target is None:
        return ""
    return "met" if reached >= target else f"**{1 - reached / target:.0%} short**"


def _pages(sizes: list[Pages]) -> Iterator[str]:
    smallest = sizes[0]
    yield f"\n### {smallest.database}\n"
    names = [f"{pages.users:,} users" for pages in sizes]
    yield from _head("Page", *names, "Ratio", "Target", "")
    for (group, name, base), *others in zip(*(pages.cases for pages in sizes), strict=True):
        largest = others[-1][2] if others else base
        target = base * MAX_RATIO if group == "sort" else MAX_SECONDS.get(group)
        verdict = _at_most(target, largest)
        words = "1.5 ×" if group == "sort" else f"{target * 1e3:.0f} ms" if target else ""
        yield _row(
            name, *(f"{s * 1e3:.1f}" for s in (base, *(other[2] for other in others))),
            f"{largest / base:.2f}", words, verdict,
        )  # fmt: skip


def _at_most(target: float | None, reached: float) -> str:
    if target is None:
        return ""
    return "met" if reached <= target else f"**{reached / target - 1:.0%} over**"


def _analytics(measured: list[Analytics]) -> Iterator[str]:
    for one in measured:
        yield f"\n### Analytics on {one.database}, {one.users:,} users\n"
        yield from _head("Block", *one.page, "Target", "")
        for name, seconds in one.blocks:
            verdict = _at_most(MAX_BLOCK, max(seconds.values()))
            yield _row(name, *_milliseconds(seconds), f"{MAX_BLOCK * 1e3:.0f} ms", verdict)
        yield _row("The whole page", *_milliseconds(one.page), "", "")


def _milliseconds(seconds: dict[str, float]) -> list[str]:
    return [f"{value * 1e3:.1f}" for value in seconds.values()]


def _checks(measured: list[Checks]) -> Iterator[str]:
    yield from _head(
        "Database", "Users", "Check", "Callers", "Median", "p99", "CPU ms", "Target of p99", ""
    )
    for checks in measured:
        for name, callers, median, p99, work in checks.cases:
            target = MAX_CHECK if callers == 1 else None
            yield _row(
                checks.database, f"{checks.users:,}", name, str(callers), f"{median * 1e3:.1f}",
                f"{p99 * 1e3:.1f}", f"{work * 1e3:.1f}",
                f"{target * 1e3:.0f} ms" if target else "", _at_most(target, p99),
            )  # fmt: skip


def chatting(measured: list[Chat]) -> Iterator[str]:
    """The section of the chat."""
    yield CHATTING
    yield from _head(
        "Database", "People", "Until", "Median", "p95", "p99",
        *(f"Model alone: {word}" for word in ("median", "p95", "p99")), "",
    )  # fmt: skip
    for chat in measured:
        for name, measured_, alone in (
            ("first word", chat.first, chat.model_first),
            ("end", chat.whole, chat.model_whole),
        ):
            figures = (f"{seconds * 1e3:,.0f}" for seconds in (*measured_, *alone))
            yield _row(chat.database, str(chat.people), name, *figures, "")
    yield CHATTED
    yield from _head(
        "Database", "People", "Messages per second", "CPU ms", "MB", "Lost", "Doubled", "Target", ""
    )
    for chat in measured:
        yield _row(
            chat.database, str(chat.people), f"{chat.per_second:,.0f}", f"{chat.cpu * 1e3:.1f}",
            f"{chat.memory / 1e6:.0f}", str(chat.lost), str(chat.doubled), "0 and 0",
            "met" if not (chat.lost or chat.doubled) else "**missed**",
        )  # fmt: skip


def _memory(measured: list[Pages]) -> Iterator[str]:
    yield from _head("Database", "Users", "MB", "Ratio", "Target", "")
    for database, sizes in groupby(measured, key=lambda pages: pages.database):
        first = None
        for pages in sizes:
            first = first or pages.memory
            ratio = pages.memory / first
            yield _row(
                database, f"{pages.users:,}", f"{pages.memory / 1e6:.0f}", f"{ratio:.2f}",
                "flat", _at_most(MAX_MEMORY_RATIO, ratio),
            )  # fmt: skip


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield _row("---", *["---:"] * (len(names) - 2), "---")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{cores} cores ({model}), {memory:.0f} GB of memory"
