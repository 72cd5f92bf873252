"""Of the users who came in one week, how many came back in each week after it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from django.db.models import Sum

from frontdesk.analytics.blocks.table import Head, Table
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.weeks import WEEK, week, weeks_of
from frontdesk.analytics.words import period_words, short
from frontdesk.core.charts.maps import Cell as Mark
from frontdesk.core.charts.maps import Label
from frontdesk.ledger.models import Cohort

MAX_WEEKS = 26
"""Of the first weeks, and of the weeks after each, that are shown."""

SHADES = (0.1, 0.25, 0.5)
"""Shares from which a cell is of the next shade; the least shade is of any share but 0."""

CURVE_WIDTH, CURVE_HEIGHT = 400, 130
_LEFT, _TOP, _BOTTOM = 34, 10, CURVE_HEIGHT - 20


@dataclass(frozen=True)
class Cell:
    """Users of a first week who were active in one week; `after` counts the weeks between."""

    after: int
    users: int
    share: float
    is_open: bool
    """The week is not over: the number can grow."""
    link: str
    words: str

    @property
    def shade(self) -> int:
        return sum(self.share >= bound for bound in SHADES) + 1 if self.users else 0


@dataclass(frozen=True)
class Row:
    """The users whose first active week this is, week after week until now."""

    monday: dt.date
    cells: Sequence[Cell]

    @property
    def users(self) -> int:
        return self.cells[0].users

    @property
    def word(self) -> str:
        return short(self.monday)

    @property
    def words(self) -> str:
        return period_words(week(self.monday))


@dataclass(frozen=True)
class Curve:
    """The medians as the points of a polyline, from week 0 on."""

    points: str
    marks: Sequence[Mark]
    grid: Sequence[Label]
    ticks: Sequence[Label]
    step: float
    left: int = _LEFT
    bottom: int = _BOTTOM
    width: int = CURVE_WIDTH
    height: int = CURVE_HEIGHT


@dataclass(frozen=True)
class Retention:
    """The first weeks that the period touches, the oldest first."""

    rows: Sequence[Row]
    hidden: int
    """Older weeks of the period for which there is no room."""
    most: int = MAX_WEEKS

    @property
    def weeks_after(self) -> range:
        return range(max((len(row.cells) for row in self.rows), default=0))

    @property
    def shades(self) -> list[tuple[int, str]]:
        """What the shades stand for."""
        lows = [f"{bound:.0%}" for bound in SHADES]
        spans = [f"{a} – {b}" for a, b in pairwise(lows)]
        return list(enumerate([f"under {lows[0]}", *spans, f"{lows[-1]} or more"], 1))

    @property
    def has_open(self) -> bool:
        return any(cell.is_open for row in self.rows for cell in row.cells)

    @property
    def medians(self) -> list[float | None]:
        """For each number of weeks after the first the median share over the first weeks with
        users for which that week is over."""
        shares = [
            [r.cells[n].share for r in self.rows if n < len(r.cells) and not r.cells[n].is_open]
            for n in self.weeks_after
        ]
        return [median(each) if each else None for each in shares]

    @property
    def curve(self) -> Curve | None:
        """None while there is no line to draw."""
        known = [(n, share) for n, share in enumerate(self.medians) if share is not None]
        return _curve(known) if len(known) > 1 else None

    @property
    def table(self) -> Table:
        """A row for each cell."""
        heads = [
            Head("First week from", "day"),
            Head("Weeks after", "number"),
            Head("Users", "number"),
            Head("Share", "percent"),
            Head("Week is over"),
        ]
        cells = [(row, cell) for row in self.rows for cell in row.cells]
        return Table(
            heads,
            [
                [row.monday.isoformat(), c.after, c.users, c.share, "no" if c.is_open else "yes"]
                for row, c in cells
            ],
            [["", "", cell.link, "", ""] for _, cell in cells],
        )


def load(scope: Scope, query: AnalyticsQuery) -> Retention:
    asked = weeks_of(query.period)
    mondays = asked[-MAX_WEEKS:]
    rows = Cohort.objects.filter(scope.rows, first_week__range=(mondays[0], mondays[-1]))
    counts = rows.values_list("first_week", "week").annotate(total=Sum("users"))
    users = {(first, at): total for first, at, total in counts.order_by()}
    sizes = {first: total for (first, at), total in users.items() if first == at and total}
    shown = [
        Row(monday, _cells(scope, query.today, monday, users))
        for monday in mondays
        if monday in sizes
    ]
    return Retention(shown, len(asked) - len(mondays))


def _cells(
    scope: Scope, today: dt.date, first: dt.date, users: dict[tuple[dt.date, dt.date], int]
) -> list[Cell]:
    size, joined = users[first, first], week(first)
    cells = []
    for after in range(min((today - first).days // 7 + 1, MAX_WEEKS)):
        at = week(first + after * WEEK)
        count, is_open = users.get((first, at.first), 0), at.last >= today
        words = f"{count:,} of {size:,} in the week {period_words(at)}"
        cells.append(
            Cell(
                after=after,
                users=count,
                share=count / size,
                is_open=is_open,
                link=users_url(scope, joined=joined, active=at),
                words=f"{words}, which is not over" if is_open else words,
            )
        )
    return cells


def _curve(known: Sequence[tuple[int, float]]) -> Curve:
    last = known[-1][0]
    step = (CURVE_WIDTH - _LEFT - 10) / (last or 1)
    marks = []
    for after, share in known:
        x, y = round(_LEFT + after * step, 1), round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)
        words = f"{share:.0%} in week {after} after the first"
        marks.append(Mark(round(x - step / 2, 1), 0, x, y, 0, 0, words))
    every = 1 if last <= 13 else 2
    return Curve(
        " ".join(f"{mark.left},{mark.top}" for mark in marks),
        marks,
        [Label(0, _BOTTOM - (_BOTTOM - _TOP) * n / 4, f"{n / 4:.0%}") for n in (0, 2, 4)],
        [
            Label(marks[n].left, CURVE_HEIGHT - 4, str(known[n][0]))
            for n in range(0, len(known), every)
        ],
        round(step, 1),
    )
