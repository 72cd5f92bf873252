"""A sparkline as the points of an SVG, drawn on the server without scripts or style attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120
HEIGHT = 32
_PAD = 2  # half the line's width, so that peaks are not cut


@dataclass(frozen=True)
class Sparkline:
    """`line` is for a <polyline>, `area` for the <polygon> below it, `last` for a dot."""

    line: str
    area: str
    last: tuple[float, float]
    flat: bool


def sparkline(values: Sequence[float]) -> Sparkline:
    """Scale two or more values to the box: 0 at the bottom, the greatest at the top."""
    peak = max(values)
    step = (WIDTH - 2 * _PAD) / (len(values) - 1)
    span = HEIGHT - 2 * _PAD
    points = [
        (round(_PAD + index * step, 1), round(HEIGHT - _PAD - span * value / (peak or 1), 1))
        for index, value in enumerate(values)
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    area = f"{points[0][0]},{HEIGHT} {line} {points[-1][0]},{HEIGHT}"
    return Sparkline(line, area, points[-1], peak == 0)
