"""A profile's activity: two maps and a line chart, each with a summary in words and a table."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.core.charts import maps
from frontdesk.core.charts.maps import Line, Map
from frontdesk.core.formats import number
from frontdesk.core.text import Text
from frontdesk.ledger.models import EndUser


class Month(NamedTuple):
    first: dt.date
    sent: int
    active_days: int


class Hour(NamedTuple):
    """An hour of the day; counts by weekday, Monday first."""

    hour: int
    counts: list[int]


@dataclass(frozen=True)
class Activity:
    """Everything that the section shows. Days and hours are in the agent's time zone."""

    calendar: Map
    hours: Map
    line: Line
    year_words: str
    hours_words: str
    line_words: str
    months: list[Month]
    hour_rows: list[Hour]
    last_days: list[tuple[dt.date, int]]
    weekdays: Sequence[Text] = tuple(WEEKDAYS_ABBR.values())


def activity(users: Sequence[EndUser], sent: Mapping[dt.date, int], today: dt.date) -> Activity:
    """The activity of these users together; `sent` has their messages by day."""
    hours: Counter[str] = Counter()
    for user in users:
        hours.update({hour: int(count) for hour, count in user.week_hours.items()})
    last_days = [
        (day, sent[day])
        for day in (today - dt.timedelta(days=n) for n in range(maps.LINE_DAYS))
        if day in sent
    ]
    return Activity(
        maps.calendar(sent, today),
        maps.week_hours(hours),
        maps.line(sent, today),
        _year_words(sent, today),
        _hours_words(hours),
        _line_words(last_days),
        _months(sent, today),
        _hour_rows(hours),
        last_days,
    )


def _year_words(sent: Mapping[dt.date, int], today: dt.date) -> str:
    year = {day: n for day, n in sent.items() if 0 <= (today - day).days < 365}
    if not year:
        return _("No messages in the last year.")
    busiest = max(year, key=lambda day: (year[day], day))
    days = ngettext("%(count)s day", "%(count)s days", len(year)) % {"count": len(year)}
    return _("%(messages)s on %(days)s of the last year; most on %(date)s: %(count)s.") % {
        "messages": maps.count_words(sum(year.values())),
        "days": days,
        "date": maps.day_words(busiest),
        "count": number(year[busiest]),
    }


def _hours_words(hours: Mapping[str, int]) -> str:
    if not any(hours.values()):
        return _("No messages yet.")
    peak = max(range(7 * 24), key=lambda n: hours.get(str(n), 0))
    day, hour = divmod(peak, 24)
    by_day = [sum(hours.get(str(24 * n + h), 0) for h in range(24)) for n in range(7)]
    busiest = WEEKDAYS[by_day.index(max(by_day))]
    return _("Busiest weekday: %(weekday)s. Busiest hour: %(day)s, %(start)s to %(end)s.") % {
        "weekday": busiest,
        "day": WEEKDAYS[day],
        "start": f"{hour}:00",
        "end": f"{hour + 1}:00",
    }


def _line_words(last_days: Sequence[tuple[dt.date, int]]) -> str:
    total = sum(count for day, count in last_days)
    if not total:
        return _("No messages in the last %(days)s days.") % {"days": maps.LINE_DAYS}
    return _("%(messages)s in the last %(days)s days, at most %(most)s a day.") % {
        "messages": maps.count_words(total),
        "days": maps.LINE_DAYS,
        "most": number(max(count for day, count in last_days)),
    }


def _months(sent: Mapping[dt.date, int], today: dt.date) -> list[Month]:
    firsts = [today.replace(day=1)]
    while len(firsts) < 12:
        firsts.append((firsts[-1] - dt.timedelta(days=1)).replace(day=1))
    counts = {first: [0, 0] for first in firsts}
    for day, count in sent.items():
        found = counts.get(day.replace(day=1))
        if found:
            found[0] += count
            found[1] += 1
    return [Month(first, *counts[first]) for first in firsts]


def _hour_rows(hours: Mapping[str, int]) -> list[Hour]:
    return [
        Hour(hour, [hours.get(str(24 * day + hour), 0) for day in range(7)]) for hour in range(24)
    ]
