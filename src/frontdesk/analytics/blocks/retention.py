"""How many users of each first week came back in the weeks after it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from django.db.models import Sum
from django.utils.translation import gettext as _

from frontdesk.analytics.blocks.table import Head, Table
from frontdesk.analytics.labels import period_label, short_day
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.weeks import WEEK, week, weeks_of
from frontdesk.core.charts.maps import Cell as Mark
from frontdesk.core.charts.maps import Label
from frontdesk.core.formats import number
from frontdesk.ledger.models import Cohort

MAX_WEEKS = 26
"""The number of first weeks, and of weeks after each, that are shown."""

SHADES = (0.1, 0.25, 0.5)
"""The shares at which the next shade starts. The lightest shade is for any share above 0."""

CURVE_WIDTH, CURVE_HEIGHT = 400, 130
_LEFT, _TOP, _BOTTOM = 34, 10, CURVE_HEIGHT - 20


@dataclass(frozen=True)
class Cell:
    """The users of a first week who were active `after` weeks later."""

    after: int
    users: int
    share: float
    is_open: bool
    """The week is not over, so the number can grow."""
    link: str
    label: str

    @property
    def shade(self) -> int:
        return sum(self.share >= bound for bound in SHADES) + 1 if self.users else 0


@dataclass(frozen=True)
class Row:
    """The users of one first week, week by week until now."""

    monday: dt.date
    cells: Sequence[Cell]

    @property
    def users(self) -> int:
        return self.cells[0].users

    @property
    def short_label(self) -> str:
        return short_day(self.monday)

    @property
    def label(self) -> str:
        return period_label(week(self.monday))


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
    """The first weeks that overlap the period, oldest first."""

    rows: Sequence[Row]
    hidden: int
    """The number of older weeks of the period that are left out."""
    is_cut: bool = False
    """Whether weeks after the last shown one have passed, which are left out."""
    max_weeks: int = MAX_WEEKS

    @property
    def last_week(self) -> int:
        """The number of weeks after the first of the last week that is shown."""
        return self.max_weeks - 1

    @property
    def weeks_after(self) -> range:
        return range(max((len(row.cells) for row in self.rows), default=0))

    @property
    def shades(self) -> list[tuple[int, str]]:
        """The legend: the number of each shade, and its shares."""
        lows = [f"{bound:.0%}" for bound in SHADES]
        spans = [f"{a} – {b}" for a, b in pairwise(lows)]
        under = _("under %(share)s") % {"share": lows[0]}
        over = _("%(share)s or more") % {"share": lows[-1]}
        return list(enumerate([under, *spans, over], 1))

    @property
    def has_open(self) -> bool:
        return any(cell.is_open for row in self.rows for cell in row.cells)

    @property
    def medians(self) -> list[float | None]:
        """The median share for each number of weeks after the first. Weeks that are not over are
        left out."""
        shares = [
            [r.cells[n].share for r in self.rows if n < len(r.cells) and not r.cells[n].is_open]
            for n in self.weeks_after
        ]
        return [median(each) if each else None for each in shares]

    @property
    def curve(self) -> Curve | None:
        """None if there are fewer than two points."""
        known = [(n, share) for n, share in enumerate(self.medians) if share is not None]
        return _curve(known) if len(known) > 1 else None

    @property
    def table(self) -> Table:
        """A row for each cell."""
        heads = [
            Head(_("First week from"), "day"),
            Head(_("Weeks after"), "number"),
            Head(_("Users"), "number"),
            Head(_("Share"), "percent"),
            Head(_("Week is over")),
        ]
        cells = [(row, cell) for row in self.rows for cell in row.cells]
        yes, no = _("yes"), _("no")
        return Table(
            heads,
            [
                [row.monday.isoformat(), c.after, c.users, c.share, no if c.is_open else yes]
                for row, c in cells
            ],
            [["", "", cell.link, "", ""] for row, cell in cells],
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
    is_cut = any(_weeks_since(row.monday, query.today) >= MAX_WEEKS for row in shown)
    return Retention(shown, len(asked) - len(mondays), is_cut)


def _weeks_since(monday: dt.date, today: dt.date) -> int:
    return (today - monday).days // 7


def _cells(
    scope: Scope, today: dt.date, first: dt.date, users: dict[tuple[dt.date, dt.date], int]
) -> list[Cell]:
    size, joined = users[first, first], week(first)
    closed = _("%(count)s of %(all)s in the week %(week)s")
    still_open = _("%(count)s of %(all)s in the week %(week)s, which is not over")
    cells = []
    for after in range(min(_weeks_since(first, today) + 1, MAX_WEEKS)):
        at = week(first + after * WEEK)
        count, is_open = users.get((first, at.first), 0), at.last >= today
        text = still_open if is_open else closed
        values = {"count": number(count), "all": number(size), "week": period_label(at)}
        cells.append(
            Cell(
                after=after,
                users=count,
                share=count / size,
                is_open=is_open,
                link=users_url(scope, joined=joined, active=at),
                label=text % values,
            )
        )
    return cells


def _curve(known: Sequence[tuple[int, float]]) -> Curve:
    last = known[-1][0]
    step = (CURVE_WIDTH - _LEFT - 10) / (last or 1)
    text = _("%(share)s in week %(week)s after the first")
    marks = []
    for after, share in known:
        x, y = round(_LEFT + after * step, 1), round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)
        words = text % {"share": f"{share:.0%}", "week": after}
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
