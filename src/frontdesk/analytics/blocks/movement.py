"""New, returning, reactivated and lost users by week."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontdesk.analytics.blocks.table import Cell, Head, Series, Table, TimeChart
from frontdesk.analytics.links import users_url
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.weeks import MAX_WEEKS_BACK, WEEK, WeekGaps, week, weeks_of

MAX_WEEKS = 53
LOST_AFTER = MAX_WEEKS_BACK
"""Weeks without a message after which a user counts as lost."""

GAINS = (gettext_lazy("New"), gettext_lazy("Returning"), gettext_lazy("Reactivated"))
LOSSES = (gettext_lazy("Going quiet"), gettext_lazy("Lost"))

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Week:
    """The users of the week that starts on this Monday, by what they did."""

    monday: dt.date
    new: int
    returning: int
    reactivated: int
    inactive: int
    lost: int

    @property
    def gains(self) -> tuple[int, int, int]:
        return self.new, self.returning, self.reactivated

    @property
    def losses(self) -> tuple[int, int]:
        return self.inactive, self.lost


@dataclass(frozen=True)
class Movement:
    """The whole weeks that overlap the period."""

    scope: Scope
    today: dt.date
    weeks: Sequence[Week]
    hidden: int
    """The number of older weeks of the period that are left out."""

    @property
    def is_open(self) -> bool:
        """Whether the last week is not over."""
        return bool(self.weeks) and week(self.weeks[-1].monday).last >= self.today

    @property
    def chart(self) -> TimeChart:
        """Losses are below zero."""
        links = [self._links(row.monday) for row in self.weeks]
        gains = zip(*(row.gains for row in self.weeks), strict=True)
        losses = zip(*([-n for n in row.losses] for row in self.weeks), strict=True)
        values = zip((*GAINS, *LOSSES), [*gains, *losses], zip(*links, strict=True), strict=True)
        series = [Series(str(title), numbers, links=leading) for title, numbers, leading in values]
        return TimeChart([week(row.monday) for row in self.weeks], series, "stack")

    @property
    def table(self) -> Table:
        heads = [Head(_("From"), "day"), Head(_("To"), "day")]
        heads += [Head(str(title), "number") for title in (*GAINS, *LOSSES)]
        rows: list[list[Cell]] = []
        for row in self.weeks:
            first, last = week(row.monday)
            rows.append([first.isoformat(), last.isoformat(), *row.gains, *row.losses])
        return Table(heads, rows, [["", "", *self._links(row.monday)] for row in self.weeks])

    def _links(self, monday: dt.date) -> list[str]:
        """The links to the users of each kind in this week."""
        this, before, earlier = week(monday), week(monday - WEEK), monday - _DAY
        gone = week(monday - LOST_AFTER * WEEK)
        return [
            users_url(self.scope, joined=this),
            users_url(self.scope, active=this, also=before),
            users_url(self.scope, active=this, inactive=before, joined_to=earlier),
            users_url(self.scope, active=before, inactive=this),
            users_url(self.scope, active=gone, inactive=Period(gone.last + _DAY, this.last)),
        ]


def load(scope: Scope, query: AnalyticsQuery) -> Movement:
    asked = weeks_of(query.period)
    mondays = asked[-MAX_WEEKS:]
    before = [mondays[0] - n * WEEK for n in range(LOST_AFTER, 0, -1)]
    gaps = WeekGaps.load(scope, [*before, *mondays])
    weeks = [_week(gaps, monday) for monday in mondays]
    return Movement(scope, query.today, weeks, len(asked) - len(mondays))


def _week(gaps: WeekGaps, monday: dt.date) -> Week:
    new, returning = gaps.new.get(monday, 0), gaps.back.get((monday, 1), 0)
    gone = monday - LOST_AFTER * WEEK
    came_again = sum(gaps.back.get((gone + n * WEEK, n), 0) for n in range(1, LOST_AFTER + 1))
    return Week(
        monday=monday,
        new=new,
        returning=returning,
        reactivated=gaps.active.get(monday, 0) - new - returning,
        inactive=gaps.active.get(monday - WEEK, 0) - returning,
        lost=gaps.active.get(gone, 0) - came_again,
    )
