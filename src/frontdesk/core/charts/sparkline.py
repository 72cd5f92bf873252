"""A sparkline as the points of an SVG, drawn on the server without scripts or style attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120
HEIGHT = 32
_PAD = 2  # half the line's width, so that peaks are not cut


@dataclass(frozen=True)
class Run:
    """Values without a gap: `line` is for a <polyline>, `area` for the <polygon> below it."""

    line: str
    area: str


@dataclass(frozen=True)
class Sparkline:
    """`is_flat`: no value is greater than 0."""

    runs: Sequence[Run]
    is_flat: bool


def sparkline(values: Sequence[float | None]) -> Sparkline:
    """Scale two or more values to the box: 0 at the bottom, the greatest at the top.

    None, where there is no value, is a gap.
    """
    peak = max((value for value in values if value is not None), default=0)
    step = (WIDTH - 2 * _PAD) / (len(values) - 1)
    span = HEIGHT - 2 * _PAD
    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        y = HEIGHT - _PAD - span * value / (peak or 1)
        runs[-1].append((round(_PAD + index * step, 1), round(y, 1)))
    return Sparkline([_run(points) for points in runs if points], peak == 0)


def _run(points: list[tuple[float, float]]) -> Run:
    """A single value is a line without length, whose round ends make a dot."""
    first, last = points[0][0], points[-1][0]
    line = " ".join(f"{x},{y}" for x, y in (points if len(points) > 1 else 2 * points))
    return Run(line, f"{first},{HEIGHT} {line} {last},{HEIGHT}")
