"""The figures of the period, compared with the previous period."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.analytics.active import MONTH, WEEK, Rolling, distinct
from frontdesk.analytics.blocks.figure import Figure
from frontdesk.analytics.blocks.meanings import MEANINGS
from frontdesk.analytics.blocks.table import Cell, Head, Table
from frontdesk.analytics.buckets import users_in
from frontdesk.analytics.links import users_url
from frontdesk.analytics.persons import ALL, Linked, active_in, linked_in, new_in
from frontdesk.analytics.query import AnalyticsQuery, Period
from frontdesk.analytics.scope import Scope
from frontdesk.analytics.sums import Days, Sums
from frontdesk.core.formats import number

_DAY = dt.timedelta(days=1)
Values = dict[str, float | None]
"""By key of `MEANINGS`. None: there is nothing to divide by, or no price is known."""

IN_PERSONS = ("users", "new")
"""The figures whose tables also have the number of Persons."""


@dataclass(frozen=True)
class Figures:
    """All figures of a period."""

    figures: Sequence[Figure]
    period: Period
    begins: dt.date | None
    """The first day with data, if it is in the previous period, which then is not whole."""
    linked: Linked | None = None
    """Of `counted_groups`. None: unknown."""

    @property
    def linked_note(self) -> str:
        """What charts and tables without a number of Persons count, if some users are linked."""
        if not (self.linked and self.linked.identities[ALL]):
            return ""
        persons = self.linked.persons[ALL]
        text = ngettext(
            "Each identity counts as a user, in all charts too: %(users)s are linked as %(persons)s"
            " person.",
            "Each identity counts as a user, in all charts too: %(users)s are linked as %(persons)s"
            " persons.",
            persons,
        )
        return text % {
            "users": number(self.linked.identities[ALL]),
            "persons": number(persons),
        }

    @property
    def table(self) -> Table:
        """A row for the previous period, and a row for the period."""
        days = [Head(_("From"), "day"), Head(_("To"), "day")]
        heads = [*days, *(Head(str(each.title), each.kind) for each in self.figures)]
        counted = [each for each in self.figures if each.key in IN_PERSONS]
        heads += [Head(persons_title(each.key), "number") for each in counted]
        rows: list[list[Cell]] = [
            [*map(str, self.period.before), *(each.before for each in self.figures)],
            [*map(str, self.period), *(each.value for each in self.figures)],
        ]
        rows[0] += [each.persons_before for each in counted]
        rows[1] += [each.persons for each in counted]
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
    linked = linked_in(scope, counted_groups(period))
    begins = min(reader.days.by_day, default=period.last)
    has_before = any(before.first <= day <= before.last for day in reader.days.by_day)
    figures = [
        Figure(
            *(key, *meaning, now[key], then[key], has_before),
            [
                values[key] for values in series[:over]
            ],  # a bucket that is not over would look like a drop
            links.get(key, ""),
            note_of(key, now, sums, linked),
            *persons_of(key, now, then, linked),
        )
        for key, meaning in MEANINGS.items()
    ]
    is_cut = before.first < begins <= before.last
    return Figures(figures, period, begins if is_cut else None, linked)


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


def counted_groups(period: Period) -> dict[str, Q]:
    """The users that figures count, by key; those of the previous period by `before_key(key)`."""
    return {
        "users": active_in(period),
        "new": new_in(period),
        "weekly": active_in(ending(period.last, WEEK)),
        "monthly": active_in(ending(period.last, MONTH)),
        before_key("users"): active_in(period.before),
        before_key("new"): new_in(period.before),
    }


def before_key(key: str) -> str:
    """The name of a figure's users of the previous period."""
    return f"before_{key}"


def persons_title(key: str) -> str:
    """The head of the column with the Persons of a figure of `IN_PERSONS`."""
    return _("Persons among active users") if key == "users" else _("Persons among new users")


def persons_of(
    key: str, now: Values, then: Values, linked: Linked | None
) -> tuple[int | None, int | None]:
    """The Persons of a figure in the period and in the previous one, for its table."""
    if linked is None or key not in IN_PERSONS:
        return None, None
    return (
        linked.among(key, round(now[key] or 0)),
        linked.among(before_key(key), round(then[key] or 0)),
    )


def note_of(key: str, values: Values, sums: Sums, linked: Linked | None) -> str:
    """The note next to the value of a figure."""
    if key in ("users", "new", "weekly", "monthly"):
        return linked.note(key, round(values[key] or 0)) if linked else ""
    answers = sums.chat_messages - sums.messages_sent
    if key == "failed" and answers:
        return _("%(share)s of answers") % {"share": f"{sums.failed_messages / answers:.1%}"}
    if key == "cost" and sums.cost and sums.unpriced_messages:
        return _("and %(count)s unpriced") % {"count": number(sums.unpriced_messages)}
    return ""


def ending(last: dt.date, length: int) -> Period:
    """The period of this length that ends with this day."""
    return Period(last - (length - 1) * _DAY, last)
