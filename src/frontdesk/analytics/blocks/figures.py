"""The figures of the period, compared with the previous period."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.analytics.active import MONTH, WEEK, Rolling, distinct
from frontdesk.analytics.blocks.figure import Figure
from frontdesk.analytics.blocks.meanings import MEANINGS
from frontdesk.analytics.blocks.table import Head, Table
from frontdesk.analytics.buckets import users_in
from frontdesk.analytics.links import users_url
from frontdesk.analytics.persons import persons_in
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days, Sums
from frontdesk.core.formats import number

_DAY = dt.timedelta(days=1)
Values = dict[str, float | None]
"""By key of `MEANINGS`. None: there is nothing to divide by, or no price is known."""


@dataclass(frozen=True)
class Figures:
    """All figures of a period."""

    figures: Sequence[Figure]
    period: Period
    begins: dt.date | None
    """The first day with data, if it is in the previous period, which then is not whole."""

    @property
    def table(self) -> Table:
        """A row for the previous period, and a row for the period."""
        days = [Head(_("From"), "day"), Head(_("To"), "day")]
        heads = [*days, *(Head(str(each.title), each.kind) for each in self.figures)]
        before = self.period.before
        rows = [
            [*map(str, before), *(each.before for each in self.figures)],
            [*map(str, self.period), *(each.value for each in self.figures)],
        ]
        return Table(heads, rows)


def load(scope: Scope, query: AnalyticsQuery) -> Figures:
    period, before, buckets = query.period, query.period.before, query.buckets()
    over = sum(bucket.last < query.today for bucket in buckets)
    reader, count = _Reader.load(scope, Period(before.last, period.last)), distinct(scope, period)
    now = reader.values(period, count)
    then = reader.values(before, distinct(scope, before))
    users = users_in(scope, buckets)
    series = [reader.values(b, count) for b, count in zip(buckets, users, strict=True)]
    links = {
        "users": users_url(scope, active=period),
        "new": users_url(scope, joined=period),
        "weekly": users_url(scope, active=ending(period.last, WEEK)),
        "monthly": users_url(scope, active=ending(period.last, MONTH)),
    }
    sums = reader.days.of(period)
    notes = {"users": _persons(scope, period, count)}
    begins = min(reader.days.by_day, default=period.last)
    has_before = any(before.first <= day <= before.last for day in reader.days.by_day)
    figures = [
        Figure(
            *(key, *meaning, now[key], then[key], has_before),
            [
                values[key] for values in series[:over]
            ],  # a bucket that is not over would look like a drop
            links.get(key, ""),
            notes.get(key) or note_of(key, sums),
        )
        for key, meaning in MEANINGS.items()
    ]
    return Figures(figures, period, begins if before.first < begins <= before.last else None)


@dataclass(frozen=True)
class _Reader:
    """The data of a period's figures, except for its distinct users."""

    rolling: Rolling
    days: Days

    @classmethod
    def load(cls, scope: Scope, ends: Period) -> "_Reader":
        """For periods that end on one of these days and are at most as long as `ends`."""
        first = min(ends.first - ends.length * _DAY, ends.first - (MONTH - 1) * _DAY)
        return cls(Rolling.load(scope, ends), Days.load(scope, Period(first, ends.last)))

    def values(self, period: Period, users: int) -> Values:
        sums, last = self.days.of(period), period.last
        month = self.days.total(ending(last, MONTH), "active_users") / MONTH
        monthly = self.rolling.on(last, MONTH)
        return values_of(sums, users) | {
            "daily": sums.active_users / period.length,
            "weekly": self.rolling.on(last, WEEK),
            "monthly": monthly,
            "stickiness": month / monthly if monthly else None,
        }


def values_of(sums: Sums, users: int) -> Values:
    """The figures that follow from the sums of a period and its distinct users."""
    return {
        "users": users,
        "new": sums.new_users,
        **_conversations(sums),
        **_costs(sums, users),
        "refused": sums.refused,
        "failed": sums.failed_messages,
    }


def _conversations(sums: Sums) -> Values:
    sessions = sums.sessions
    return {
        "sessions": sessions,
        "length": sums.session_seconds / sessions if sessions else None,
        "per_session": sums.messages_sent / sessions if sessions else None,
        "chat": sums.chat_messages,
        "sent": sums.messages_sent,
    }


def _costs(sums: Sums, users: int) -> Values:
    cost = sums.cost if sums.cost or not sums.unpriced_messages else None  # unknown is not 0
    return {
        "cost": cost,
        "cost_per_user": cost / users if users and cost is not None else None,
        "unpriced": sums.unpriced_messages,
    }


def _persons(scope: Scope, period: Period, users: int) -> str:
    persons = persons_in(scope, period, users)
    if persons is None:
        return ""
    text = ngettext("%(count)s person", "%(count)s persons", persons)
    return text % {"count": number(persons)}


def note_of(key: str, sums: Sums) -> str:
    """The note next to the value of a figure."""
    answers = sums.chat_messages - sums.messages_sent
    if key == "failed" and answers:
        return _("%(share)s of answers") % {"share": f"{sums.failed_messages / answers:.1%}"}
    if key == "cost" and sums.cost and sums.unpriced_messages:
        return _("and %(count)s unpriced") % {"count": number(sums.unpriced_messages)}
    return ""


def ending(last: dt.date, length: int) -> Period:
    """The period of this length that ends with this day."""
    return Period(last - (length - 1) * _DAY, last)
