"""One row of a trace, the same for all programs, and the values of its fields."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Any

from frontdesk.ledger.events import MAX_COST, MAX_TOKENS


class Rank(IntEnum):
    """How much a row says about what the user asked and got, in comparison with others."""

    STEP = 0
    """Nothing: a step in between."""
    MODEL_CALL = 1
    """Something, where the row of the whole is missing."""
    ROOT = 2
    TRACE = 3


@dataclass(slots=True)
class Usage:
    """What models read, wrote and cost, of one call or summed up; cost in micro-dollars."""

    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost: int | None = None

    def add(self, other: "Usage") -> None:
        """Add a later call."""
        self.model = other.model or self.model
        for name in ("input_tokens", "output_tokens", "cached_tokens", "cost"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if theirs is not None:
                setattr(self, name, (mine or 0) + theirs)

    def fields(self) -> dict[str, Any]:
        """The event's fields."""
        return {
            "model": self.model[:200] or None,
            "inputTokens": self.input_tokens,
            "outputTokens": self.output_tokens,
            "cachedTokens": min(self.cached_tokens or 0, self.input_tokens or 0) or None,
            "cost": self.cost,
        }


@dataclass(slots=True)
class Span:
    """One row. `usage` is that of a call of a model, or, of a root or trace, of all its calls."""

    id: str
    trace: str
    rank: Rank
    is_model_call: bool
    start: dt.datetime | None
    end: dt.datetime | None
    input: Any
    output: Any
    user: str = ""
    session: str = ""
    error: str = ""
    usage: Usage = field(default_factory=Usage)


def text_in(holders: Iterable[Any], *names: str) -> str:
    """The first text or number under one of these names, as text; empty if there is none."""
    for holder in holders:
        for name in names:
            value = holder.get(name) if isinstance(holder, Mapping) else None
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return str(value)
    return ""


def tokens_in(holders: Iterable[Any], *names: str) -> int | None:
    """The first number under one of these names; None for 0 too, which stands for unknown."""
    number = number_in(holders, *names)
    return int(number) or None if number is not None and number <= MAX_TOKENS else None


def cost_in(holders: Iterable[Any], *names: str) -> int | None:
    """A cost in dollars, as micro-dollars; None for 0 too, which stands for an unknown price."""
    number = number_in(holders, *names)
    micros = number * 1_000_000 if number is not None else MAX_COST
    return int(micros) or None if micros < MAX_COST else None


def number_in(holders: Iterable[Any], *names: str) -> Decimal | None:
    """The first number under one of these names that is not negative."""
    for holder in holders:
        for name in names:
            number = _number(holder.get(name)) if isinstance(holder, Mapping) else None
            if number is not None:
                return number
    return None


def _number(value: object) -> Decimal | None:
    """Texts of digits are read too."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value)[:40])
    except ArithmeticError:
        return None
    return number if number.is_finite() and 0 <= number < 10**15 else None
