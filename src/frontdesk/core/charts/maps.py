"""Activity as the shapes of SVGs, drawn on the server without scripts or style attributes.

Every cell has a description, which charts.js shows and announces on hover and on arrow keys. A
greater count has a larger and darker mark.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import dates
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontdesk.core.dates import date_text
from frontdesk.core.formats import number

WEEKS = 53
LEVELS = 4
LINE_DAYS = 90
LINE_WIDTH, LINE_HEIGHT = 366, 116
_PITCH = 14
_CELL = 11
_MARKS = (0, 5, 7, 9, 11)
"""The width of a mark by its level, in a cell of `_CELL`."""


class Cell(NamedTuple):
    """A square of a map, the position of its mark, and its description."""

    x: float
    y: float
    left: float
    top: float
    size: int
    level: int
    words: str


class Key(NamedTuple):
    """A mark of the legend, in a cell at 0, 0, and the counts it stands for."""

    left: float
    size: int
    level: int
    words: str


class Label(NamedTuple):
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Map:
    """A map of cells with labels and a legend."""

    cells: list[Cell]
    columns: list[Label]
    rows: list[Label]
    width: int
    height: int
    legend: list[Key]


@dataclass(frozen=True)
class Line:
    """Messages on each of the last days: the points of a polyline, and the area below it."""

    points: str
    area: str
    cells: list[Cell]
    """One for each day, as high as the chart. `left` and `top` are the position of its dot."""
    ticks: list[Label]
    most: int
    width: int = LINE_WIDTH
    height: int = LINE_HEIGHT
    day_width: float = round(LINE_WIDTH / LINE_DAYS, 2)


def calendar(sent: Mapping[dt.date, int], today: dt.date) -> Map:
    """The days of a year, a column for each week, Mondays on top. The last column is this week."""
    first = today - dt.timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    days = [first + dt.timedelta(days=n) for n in range((today - first).days + 1)]
    bounds = level_bounds(sent.get(day, 0) for day in days)
    left, top = 30, 18
    cells, none = [], _("No messages on %(day)s")
    for day in days:
        x, y = left + (day - first).days // 7 * _PITCH, top + day.weekday() * _PITCH
        count = sent.get(day, 0)
        cells.append(_cell(x, y, count, bounds, _day_cell_words(count, day, none)))
    rows = [Label(0, top + n * _PITCH + 9, _short(n)) for n in (0, 2, 4, 6)]
    months = [
        Label(left + (day - first).days // 7 * _PITCH, 10, date_text(day, "M"))
        for day in days
        if day.day == 1 and (today - day).days > 14
    ]
    size = (left + WEEKS * _PITCH, top + 7 * _PITCH)
    return Map(cells, months, rows, *size, legend(bounds))


def week_hours(hours: Mapping[str, int]) -> Map:
    """Messages by weekday and hour, a row for each weekday. Keys are hours of the week, from 0."""
    counts = [int(hours.get(str(hour), 0)) for hour in range(7 * 24)]
    bounds = level_bounds(counts)
    left, top = 30, 18
    weekdays = [str(name) for name in dates.WEEKDAYS.values()]
    cells, none = [], _("No messages, %(weekday)s %(hours)s")
    for index, count in enumerate(counts):
        day, hour = divmod(index, 24)
        words = _hour_cell_words(count, weekdays[day], hour, none)
        cells.append(_cell(left + hour * _PITCH, top + day * _PITCH, count, bounds, words))
    columns = [Label(left + hour * _PITCH, 10, f"{hour}:00") for hour in (0, 6, 12, 18)]
    rows = [Label(0, top + n * _PITCH + 9, _short(n)) for n in range(7)]
    size = (left + 24 * _PITCH, top + 7 * _PITCH)
    return Map(cells, columns, rows, *size, legend(bounds))


def line(sent: Mapping[dt.date, int], today: dt.date) -> Line:
    """The last `LINE_DAYS` days, today included."""
    days = [today - dt.timedelta(days=n) for n in reversed(range(LINE_DAYS))]
    most = max(sent.get(day, 0) for day in days)
    step, top, bottom = LINE_WIDTH / LINE_DAYS, 16, LINE_HEIGHT - 18
    cells, points, none = [], [], _("No messages on %(day)s")
    for index, day in enumerate(days):
        count = sent.get(day, 0)
        x = round(step * (index + 0.5), 1)
        y = round(bottom - (bottom - top) * count / (most or 1), 1)
        points.append(f"{x},{y}")
        cells.append(Cell(round(step * index, 1), 0, x, y, 0, 0, _day_cell_words(count, day, none)))
    area = f"{cells[0].left},{bottom} {' '.join(points)} {cells[-1].left},{bottom}"
    ticks = [
        Label(cell.left, LINE_HEIGHT - 4, date_text(day, "j M"))
        for cell, day in zip(cells, days, strict=True)
        if day.weekday() == 0 and (today - day).days % 14 < 7 and 4 < cell.left < LINE_WIDTH - 30
    ]
    return Line(" ".join(points), area, cells, ticks, most)


def level_bounds(counts: Iterable[int]) -> list[int]:
    """The greatest count of each level except the last: the quartiles of the counts above 0."""
    ordered = sorted(count for count in counts if count)
    if not ordered:
        return []
    return sorted(
        {ordered[len(ordered) * quarter // LEVELS] for quarter in (1, 2, 3)} - {ordered[-1]}
    )


def level_of(count: int, bounds: Sequence[int]) -> int:
    """0 for none. The busiest quarter is always `LEVELS`."""
    if not count:
        return 0
    return LEVELS - len(bounds) + sum(count > bound for bound in bounds)


def legend(bounds: Sequence[int]) -> list[Key]:
    """The counts of the levels: "1–2", "3–5", …, "9+"."""
    lows = [1, *(bound + 1 for bound in bounds)]
    spans = [f"{a}–{b}" if a < b else f"{a}" for a, b in zip(lows, bounds, strict=False)]
    first = LEVELS - len(bounds)
    return [
        Key((_CELL - _MARKS[level]) / 2, _MARKS[level], level, words)
        for level, words in enumerate([*spans, f"{lows[-1]}+"], first)
    ]


def count_words(count: int) -> str:
    if not count:
        return _("No messages")
    text = ngettext("%(count)s message", "%(count)s messages", count)
    return text % {"count": number(count)}


def day_words(day: dt.date) -> str:
    return date_text(day, "D j M Y")


def _day_cell_words(count: int, day: dt.date, none: str) -> str:
    """`none` is the text for a day without messages, translated once for many days."""
    if not count:
        return none % {"day": day_words(day)}
    text = ngettext("%(count)s message on %(day)s", "%(count)s messages on %(day)s", count)
    return text % {"count": number(count), "day": day_words(day)}


def _hour_cell_words(count: int, weekday: str, hour: int, none: str) -> str:
    hours = f"{hour}:00 – {hour + 1}:00"
    if not count:
        return none % {"weekday": weekday, "hours": hours}
    text = ngettext(
        "%(count)s message, %(weekday)s %(hours)s",
        "%(count)s messages, %(weekday)s %(hours)s",
        count,
    )
    return text % {"count": number(count), "weekday": weekday, "hours": hours}


def _short(weekday: int) -> str:
    return str(dates.WEEKDAYS_ABBR[weekday])


def _cell(x: float, y: float, count: int, bounds: Sequence[int], words: str) -> Cell:
    level = level_of(count, bounds)
    size = _MARKS[level]
    inset = (_CELL - size) / 2
    return Cell(x, y, x + inset, y + inset, size, level, words)
