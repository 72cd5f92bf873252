"""The details of a day beyond its figures: messages by hour, usage by model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Use(NamedTuple):
    """The usage of one message: its model, whether there is any usage, its cost, if unpriced."""

    model: str = ""
    messages: int = 0
    cost: int = 0
    unpriced_messages: int = 0


NO_USE = Use()


def use_of(model: str, cost: int | None, has_usage: bool) -> Use:
    """What a message counts for its model. The model is empty if it was not reported."""
    if not has_usage and cost is None:
        return NO_USE
    return Use(model, 1, cost or 0, 1 if cost is None else 0)


@dataclass(slots=True)
class Detail:
    """A day or a difference of days: messages sent by hour, and usage by model."""

    hours: dict[str, int] = field(default_factory=dict)
    usage: dict[str, list[int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.hours or self.usage)

    def add_sent(self, hour: int, sent: int) -> None:
        key = str(hour)
        self.hours[key] = self.hours.get(key, 0) + sent

    def add_use(self, use: Use, sign: int = 1) -> None:
        model, *sums = use
        if not sums[0]:
            return
        known = self.usage.setdefault(model, [0, 0, 0])
        for index, value in enumerate(sums):
            known[index] += sign * value

    def plus(self, hours: Mapping[str, int], usage: Mapping[str, Iterable[int]]) -> "Detail":
        """This difference added to a day, without hours and models that become zero."""
        total = Detail(dict(hours), {model: list(sums) for model, sums in usage.items()})
        for hour, sent in self.hours.items():
            total.hours[hour] = total.hours.get(hour, 0) + sent
        for model, sums in self.usage.items():
            known = total.usage.setdefault(model, [0, 0, 0])
            for index, value in enumerate(sums):
                known[index] += value
        return total.without_zeros()

    def without_zeros(self) -> "Detail":
        return Detail(
            {hour: sent for hour, sent in self.hours.items() if sent},
            {model: sums for model, sums in self.usage.items() if any(sums)},
        )
