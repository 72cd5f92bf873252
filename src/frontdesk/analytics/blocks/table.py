"""A block's numbers as a table: what is read aloud, copied, and downloaded as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from frontdesk.analytics.query import Period
from frontdesk.analytics.words import bucket_words, tick_words

Cell = str | int | float | None


class Head(NamedTuple):
    """A column: its name, and how its values are shown: "" (text), "day" (ISO 8601), "number",
    "decimal", "money" (micro-dollars), "percent" (0.25 is 25 %) or "duration" (seconds)."""

    title: str
    kind: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind not in ("", "day")


class Linked(NamedTuple):
    """A cell as a page shows it; an empty link is none."""

    value: Cell
    head: Head
    link: str


@dataclass(frozen=True)
class Table:
    """Heads and rows; money is micro-dollars, as everywhere."""

    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    links: Sequence[Sequence[str]] = ()
    """Where the cells lead, as wide as the rows and as many; or none at all."""

    @property
    def cells(self) -> Iterator[list[Linked]]:
        links = self.links or [[""] * len(self.heads)] * len(self.rows)
        for row, leading in zip(self.rows, links, strict=True):
            yield [
                Linked(value, head, link if value else "")  # 0 leads to nobody
                for value, head, link in zip(row, self.heads, leading, strict=True)
            ]


def bucket_heads(buckets: Sequence[Period]) -> list[Head]:
    """The columns that say which bucket a row is of: its day, or its first and its last."""
    if all(bucket.length == 1 for bucket in buckets):
        return [Head("Day", "day")]
    return [Head("From", "day"), Head("To", "day")]


@dataclass(frozen=True)
class Series:
    """One line, or one colour of the bars."""

    title: str
    values: Sequence[int | float | None]
    kind: str = "number"
    """As `Head.kind`. Each kind has an axis of its own: the first left, a second right."""
    links: Sequence[str] = ()
    """Where each value leads; as many as values, or none."""
    shape: str = ""
    """Unlike the chart's: "line" over bars."""

    @property
    def known(self) -> list[int | float]:
        return [value for value in self.values if value is not None]

    @property
    def least(self) -> int | float | None:
        return min(self.known, default=None)

    @property
    def most(self) -> int | float | None:
        return max(self.known, default=None)

    @property
    def last(self) -> int | float | None:
        return self.values[-1] if self.values else None


@dataclass(frozen=True)
class TimeChart:
    """Values over the buckets of the period; analytics.js draws it from `as_json`.

    A click on a value leads where its cell of the table leads.
    """

    buckets: Sequence[Period]
    series: Sequence[Series]
    shape: str = "line"
    """"line", "bars" (beside one another) or "stack"; what is negative is stacked below zero."""

    @property
    def table(self) -> Table:
        """A row for each bucket."""
        days = bucket_heads(self.buckets)
        heads = [*days, *(Head(s.title, s.kind) for s in self.series)]
        values = [series.values for series in self.series]
        links = [series.links or [""] * len(self.buckets) for series in self.series]
        rows = [
            [*map(str, bucket[: len(days)]), *row]
            for bucket, *row in zip(self.buckets, *values, strict=True)
        ]
        return Table(heads, rows, [[*[""] * len(days), *row] for row in zip(*links, strict=True)])

    @property
    def as_json(self) -> dict[str, object]:
        """What analytics.js draws."""
        return {
            "shape": self.shape,
            "labels": [bucket_words(bucket) for bucket in self.buckets],
            "ticks": [tick_words(bucket) for bucket in self.buckets],
            "series": [
                {
                    "title": s.title,
                    "kind": s.kind,
                    "shape": s.shape or self.shape,
                    "values": list(s.values),
                }
                for s in self.series
            ],
        }
