"""A block's numbers as a table: what is read aloud, copied, and downloaded as CSV."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from frontdesk.analytics.query import Period

Cell = str | int | float | None


class Head(NamedTuple):
    """A column: its name, and how its numbers are shown: "", "number", "money" (micro-dollars),
    "percent" (0.25 is 25 %) or "duration" (seconds)."""

    title: str
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """Heads and rows; money is micro-dollars, as everywhere."""

    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Series:
    """One line, or one colour of the bars."""

    title: str
    values: Sequence[int | float | None]
    kind: str = "number"


@dataclass(frozen=True)
class TimeChart:
    """Values over the buckets of the period; console code draws it from `as_json`."""

    buckets: Sequence[Period]
    series: Sequence[Series]
    shape: str = "line"
    """"line", "bars" (beside one another) or "stack"."""
    links: Sequence[str] = ()
    """Where a click on a bucket leads; as many as buckets, or none."""

    @property
    def table(self) -> Table:
        heads = [Head("From"), Head("To"), *(Head(s.title, s.kind) for s in self.series)]
        values = [series.values for series in self.series]
        rows = [
            [b.first.isoformat(), b.last.isoformat(), *row]
            for b, *row in zip(self.buckets, *values, strict=True)
        ]
        return Table(heads, rows)

    @property
    def as_json(self) -> dict[str, object]:
        """What analytics.js draws; times are seconds of the day's begin, as if it were UTC."""
        return {
            "shape": self.shape,
            "times": [_seconds(bucket.first) for bucket in self.buckets],
            "ends": [bucket.last.isoformat() for bucket in self.buckets],
            "series": [
                {"title": s.title, "kind": s.kind, "values": list(s.values)} for s in self.series
            ],
            "links": list(self.links),
        }


def _seconds(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time.min, dt.UTC).timestamp())
