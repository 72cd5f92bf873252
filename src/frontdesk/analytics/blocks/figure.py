"""One figure: its value, how it has changed, and how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from frontdesk.core.charts.sparkline import Sparkline, sparkline


class Meaning(NamedTuple):
    """What a figure is. `better` is the direction that is good: "up", "down", or neither."""

    title: str
    kind: str
    better: str
    definition: str


class Change(NamedTuple):
    """`text` is empty where the value before says more than a share of it would. `direction` is
    "up", "down" or ""; `verdict` "better", "worse" or ""."""

    text: str
    direction: str = ""
    verdict: str = ""


MANY_TIMES = 10
"""A growth of more than this many times is told by the value before: "from 3"."""


@dataclass(frozen=True)
class Figure:
    """Values are as `kind` says; see `Head.kind`. None: nothing to tell."""

    key: str
    title: str
    kind: str
    better: str
    definition: str
    value: float | None
    before: float | None
    has_before: bool
    """Whether there was anything in the period before."""
    series: Sequence[float | None]
    """The value of each bucket."""
    url: str = ""
    note: str = ""

    @property
    def change(self) -> Change | None:
        """Against the period before: as a share of it, of shares in points of percent."""
        if not self.has_before:
            return Change("no data before")
        if self.value is None or self.before is None:
            return None
        difference = self.value - self.before
        if not difference:
            return Change("no change")
        direction = "up" if difference > 0 else "down"
        verdict = self.better and ("better" if direction == self.better else "worse")
        return Change(self._amount(abs(difference)), direction, verdict)

    def _amount(self, difference: float) -> str:
        if self.kind == "percent":
            points = difference * 100
            return f"{points:.1f} points" if points >= 0.1 else "under 0.1 points"
        if difference > MANY_TIMES * abs(self.before or 0):
            return ""
        share = difference / abs(self.before or 1)
        return f"{share:,.0%}" if share >= 0.01 else "under 1%"

    @property
    def spark(self) -> Sparkline | None:
        """None where a line would have no length, or nothing is known."""
        if len(self.series) < 2 or not any(self.series):
            return None
        return sparkline([value or 0 for value in self.series])

    @property
    def known(self) -> list[float]:
        return [value for value in self.series if value is not None]

    @property
    def least(self) -> float | None:
        return min(self.known, default=None)

    @property
    def most(self) -> float | None:
        return max(self.known, default=None)
