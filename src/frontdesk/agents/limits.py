"""The limits that an agent, a plan or a user may set: their names, units and windows.

A set of limits is a JSON object: a limit that is absent says nothing, null means "no limit", and a
number is the most that is allowed in the window (0: nothing at all). Costs are micro-dollars. The
narrowest set that says anything wins, limit by limit: the user's own, then the plan's, then the
agent's. `frontdesk.gate` enforces them.
"""

from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ValidationError

Limits = dict[str, int | None]
Window = Literal["minute", "day", "month", "message"]

MAX_LIMIT = 10**15


@dataclass(frozen=True)
class LimitKind:
    """One kind of limit: what it counts (`messages`, `sessions`, `cost`, `length`) in a window."""

    key: str
    title: str
    counts: Literal["messages", "sessions", "cost", "length"]
    window: Window
    definition: str


LIMITS = {
    kind.key: kind
    for kind in (
        LimitKind(
            "messages_per_minute",
            "Messages per minute",
            "messages",
            "minute",
            "Messages that one user may send in a minute of the clock.",
        ),
        LimitKind(
            "messages_per_day",
            "Messages per day",
            "messages",
            "day",
            "Messages that one user may send in a day of the agent's time zone.",
        ),
        LimitKind(
            "messages_per_month",
            "Messages per month",
            "messages",
            "month",
            "Messages that one user may send in a calendar month of the agent's time zone.",
        ),
        LimitKind(
            "sessions_per_day",
            "Sessions per day",
            "sessions",
            "day",
            "Dialogues that one user may start in a day of the agent's time zone.",
        ),
        LimitKind(
            "cost_per_day",
            "Cost per day",
            "cost",
            "day",
            "What serving one user may cost in a day. Replies on their way may pass it.",
        ),
        LimitKind(
            "cost_per_month",
            "Cost per month",
            "cost",
            "month",
            "What serving one user may cost in a calendar month. Replies on their way may pass it.",
        ),
        LimitKind(
            "longest_message",
            "Longest message",
            "length",
            "message",
            "Characters that one message may have.",
        ),
    )
}


def validate_limits(limits: object) -> None:
    """Raise ValidationError for what is no set of limits; says which limit is wrong, and how."""
    if not isinstance(limits, dict):
        raise ValidationError("Limits are an object of names and numbers.")
    for key, value in limits.items():
        if key not in LIMITS:
            raise ValidationError("There is no limit “%(key)s”.", params={"key": str(key)[:60]})
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and (not is_whole or not 0 <= value <= MAX_LIMIT):
            raise ValidationError(
                "%(title)s is a whole number from 0 on, or null for no limit.",
                params={"title": LIMITS[key].title},
            )
