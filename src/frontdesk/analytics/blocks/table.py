"""The numbers of a block as a table: for screen readers, for copying, and as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from frontdesk.analytics.labels import bucket_label, tick_label
from frontdesk.analytics.query import Period

Cell = str | int | float | None


class Head(NamedTuple):
    """The title of a column, and the kind of its values: "" (text), "day" (ISO 8601), "number",
    "decimal", "money" (micro-dollars), "percent" (0.25 is 25 %) or "duration" (seconds)."""

    title: str
    kind: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind not in ("", "day")


class Linked(NamedTuple):
    """A cell as a page shows it. The link may be empty."""

    value: Cell
    head: Head
    link: str


@dataclass(frozen=True)
class Table:
    """Heads and rows. Money is in micro-dollars."""

    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    links: Sequence[Sequence[str]] = ()
    """The links of the cells: one row of links for each row, or none at all."""

    @property
    def cells(self) -> Iterator[list[Linked]]:
        links = self.links or [[""] * len(self.heads)] * len(self.rows)
        for row, leading in zip(self.rows, links, strict=True):
            yield [
                Linked(value, head, link if value else "")  # 0 counts no one
                for value, head, link in zip(row, self.heads, leading, strict=True)
            ]


def bucket_heads(buckets: Sequence[Period]) -> list[Head]:
    """The columns that name the bucket of a row: its day, or its first and last day."""
    if all(bucket.length == 1 for bucket in buckets):
        return [Head(_("Day"), "day")]
    return [Head(_("From"), "day"), Head(_("To"), "day")]


@dataclass(frozen=True)
class Series:
    """One line, or the bars of one color."""

    title: str
    values: Sequence[int | float | None]
    kind: str = "number"
    """As `Head.kind`. Each kind has its own axis: the first on the left, a second on the right."""
    links: Sequence[str] = ()
    """The link of each value, or none at all."""
    shape: str = ""
    """If it differs from the chart's: "line" over bars."""

    @property
    def known(self) -> list[int | float]:
        return [value for value in self.values if value is not None]

    @property
    def lowest(self) -> int | float | None:
        return min(self.known, default=None)

    @property
    def highest(self) -> int | float | None:
        return max(self.known, default=None)

    @property
    def last(self) -> int | float | None:
        return self.values[-1] if self.values else None


@dataclass(frozen=True)
class TimeChart:
    """Values over the buckets of the period. time_chart.js draws it from `as_json`.

    A click on a value opens the link of its cell in the table.
    """

    buckets: Sequence[Period]
    series: Sequence[Series]
    shape: str = "line"
    """"line", "bars" (side by side) or "stack". Negative values are stacked below zero."""
    by: tuple[Head, Head] | None = None
    """The heads of the series' titles and of their values in a file, if the data determine which
    series there are."""

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
    def file(self) -> Table:
        """The table of an exported file, whose heads never depend on the data."""
        if self.by is None:
            return self.table
        days = bucket_heads(self.buckets)
        rows: list[list[Cell]] = [
            [*map(str, bucket[: len(days)]), series.title, series.values[index]]
            for index, bucket in enumerate(self.buckets)
            for series in self.series
        ]
        return Table([*days, *self.by], rows)

    @property
    def as_json(self) -> dict[str, object]:
        """The input of time_chart.js."""
        return {
            "shape": self.shape,
            "labels": [bucket_label(bucket) for bucket in self.buckets],
            "ticks": [tick_label(bucket) for bucket in self.buckets],
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
