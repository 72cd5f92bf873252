"""One figure: its value, its change, and its values over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from frontdesk.core.charts.sparkline import Sparkline, sparkline
from frontdesk.core.text import Text


class Meaning(NamedTuple):
    """The meaning of a figure. `better` is the good direction: "up", "down", or "" for neither."""

    title: Text
    kind: str
    better: str
    definition: Text


class Change(NamedTuple):
    """`text` is empty where the earlier value says more than a percentage. `direction` is "up",
    "down" or ""; `verdict` is "better", "worse" or ""."""

    text: str
    direction: str = ""
    verdict: str = ""

    @property
    def direction_label(self) -> str:
        return _("up") if self.direction == "up" else _("down")

    @property
    def verdict_label(self) -> str:
        return _("better") if self.verdict == "better" else _("worse")


MAX_GROWTH = 10
"""Growth by a greater factor is shown by the earlier value: "from 3"."""


@dataclass(frozen=True)
class Figure:
    """A value of the kind `kind` (see `Head.kind`). None: unknown."""

    key: str
    title: Text
    kind: str
    better: str
    definition: Text
    value: float | None
    before: float | None
    has_before: bool
    """Whether the previous period has any data."""
    series: Sequence[float | None]
    """The value of each bucket."""
    url: str = ""
    note: str = ""
    persons: int | None = None
    """The Persons that the users of `value` are. None: unknown, or this does not count users."""
    persons_before: int | None = None

    @property
    def change(self) -> Change | None:
        """Against the previous period: a percentage, or percentage points for a percentage."""
        if not self.has_before:
            return Change(_("no earlier data"))
        if self.value is None or self.before is None:
            return None
        difference = self.value - self.before
        if not difference:
            return Change(_("no change"))
        direction = "up" if difference > 0 else "down"
        verdict = self.better and ("better" if direction == self.better else "worse")
        return Change(self._amount(abs(difference)), direction, verdict)

    def _amount(self, difference: float) -> str:
        if self.kind == "percent":
            points = difference * 100
            if points < 0.1:
                return _("under 0.1 points")
            return _("%(number)s points") % {"number": f"{points:.1f}"}
        if difference > MAX_GROWTH * abs(self.before or 0):
            return ""
        share = difference / abs(self.before or 1)
        return f"{share:,.0%}" if share >= 0.01 else _("under 1%")

    @property
    def spark(self) -> Sparkline | None:
        """None for fewer than two values, or without any known value other than 0."""
        if len(self.series) < 2 or not any(self.series):
            return None
        return sparkline(self.series)

    @property
    def known(self) -> list[float]:
        return [value for value in self.series if value is not None]

    @property
    def lowest(self) -> float | None:
        return min(self.known, default=None)

    @property
    def highest(self) -> float | None:
        return max(self.known, default=None)
