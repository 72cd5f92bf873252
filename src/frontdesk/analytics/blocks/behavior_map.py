"""The shapes of the map of behavior: messages sent to the right, sessions upward, both in bands
that double. The size, the shade and the number of a disc show how many users have the habit."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from frontdesk.core.charts.maps import Label, level_bounds, level_of

CELL_WIDTH, CELL_HEIGHT = 46, 42
_LEFT, _TOP, _RIGHT, _BOTTOM = 44, 20, 8, 36
_MIN_RADIUS, _MAX_RADIUS = 3, 12
"""Of a disc."""


class Habit(NamedTuple):
    """The bands of a user's sessions and of their sent messages (`ledger.facets`)."""

    sessions: int
    sent: int


class Disc(NamedTuple):
    """A cell at `x`, `y` with the disc of its users."""

    x: float
    y: float
    radius: float
    level: int
    number: str
    label: str
    link: str


@dataclass(frozen=True)
class BehaviorMap:
    """The cells row by row, most sessions first. The two limits cut the map into four corners."""

    discs: Sequence[Disc]
    columns: int
    sent_ticks: Sequence[Label]
    session_ticks: Sequence[Label]
    limit_x: int
    limit_y: int
    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int
    cell_width: int = CELL_WIDTH
    cell_height: int = CELL_HEIGHT


def behavior_map(
    users: Mapping[Habit, int],
    bands: Habit,
    limits: Habit,
    describe: Callable[[Habit], tuple[str, str]],
) -> BehaviorMap:
    """`bands` is the highest habit on the map, `limits` the lowest one with many sessions and many
    messages. `describe` returns the label and the link of a cell."""
    rows, columns = bands
    right, bottom = _LEFT + columns * CELL_WIDTH, _TOP + rows * CELL_HEIGHT
    return BehaviorMap(
        discs=_discs(users, bands, describe),
        columns=columns,
        sent_ticks=[
            Label(_LEFT + n * CELL_WIDTH, bottom + 13, _short(2**n)) for n in range(columns)
        ],
        session_ticks=[
            Label(_LEFT - 6, bottom - n * CELL_HEIGHT + 3, _short(2**n)) for n in range(rows)
        ],
        limit_x=_LEFT + (limits.sent - 1) * CELL_WIDTH,
        limit_y=bottom - (limits.sessions - 1) * CELL_HEIGHT,
        left=_LEFT,
        top=_TOP,
        right=right,
        bottom=bottom,
        width=right + _RIGHT,
        height=bottom + _BOTTOM,
    )


def _discs(
    users: Mapping[Habit, int], bands: Habit, describe: Callable[[Habit], tuple[str, str]]
) -> list[Disc]:
    """Row by row, most sessions first."""
    rows, columns = bands
    bounds, maximum = level_bounds(users.values()), max(users.values(), default=1)
    discs = []
    for row in range(rows):
        for column in range(columns):
            habit = Habit(rows - row, column + 1)
            count = users.get(habit, 0)
            x, y = _LEFT + column * CELL_WIDTH, _TOP + row * CELL_HEIGHT
            grown = (_MAX_RADIUS - _MIN_RADIUS) * math.sqrt(count / maximum)
            radius = round(_MIN_RADIUS + grown, 1) if count else 0
            number = _short(count) if count else ""
            discs.append(Disc(x, y, radius, level_of(count, bounds), number, *describe(habit)))
    return discs


def _short(number: int) -> str:
    """In at most five characters: "9,999", "12k", "1.2M"."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:.0f}k" if number < 999_500 else f"{number / 1_000_000:.1f}M"
