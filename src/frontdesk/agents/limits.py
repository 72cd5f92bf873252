"""The limits that can be set for an agent, a plan or a user: names, quantities and windows.

A set of limits is a JSON object. A limit that is absent is not set, null means "no limit", and a
number is the maximum in the window (0: nothing is allowed). Costs are in micro-dollars. For each
limit, the most specific set that has it wins: the user's own, then the plan's, then the agent's.
`frontdesk.gate` enforces them. See docs/development/add-a-limit.md.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.quantities import CHARACTERS, COST, MESSAGES, SESSIONS, Quantity
from frontdesk.core.text import Text

Limits = dict[str, int | None]
Window = Literal["minute", "day", "month", "message"]
WINDOWS: tuple[Window, ...] = get_args(Window)

MAX_LIMIT = 10**15


@dataclass(frozen=True)
class LimitKind:
    """One kind of limit: how much of a quantity is allowed in a window."""

    key: str
    title: Text
    quantity: Quantity
    window: Window
    definition: Text

    @property
    def is_daily(self) -> bool:
        """Whether its use is read from the user's daily activity, of a day or a month."""
        return self.window in ("day", "month") and bool(self.quantity.day_column)

    @property
    def is_used_up_by_messages(self) -> bool:
        """Whether messages use it up until its window ends. False for limits on single messages."""
        return self.window != "message"

    def in_words(self, value: int | None) -> str:
        """The value as operators read it."""
        return str(_("no limit")) if value is None else self.quantity.write(value)


LIMITS = {
    kind.key: kind
    for kind in (
        LimitKind(
            "messages_per_minute",
            _("Messages per minute"),
            MESSAGES,
            "minute",
            _("Messages that one user may send in a minute of the clock."),
        ),
        LimitKind(
            "messages_per_day",
            _("Messages per day"),
            MESSAGES,
            "day",
            _("Messages that one user may send in a day of the agent’s time zone."),
        ),
        LimitKind(
            "messages_per_month",
            _("Messages per month"),
            MESSAGES,
            "month",
            _("Messages that one user may send in a calendar month of the agent’s time zone."),
        ),
        LimitKind(
            "sessions_per_day",
            _("Sessions per day"),
            SESSIONS,
            "day",
            _("Sessions that one user may start in a day of the agent’s time zone."),
        ),
        LimitKind(
            "cost_per_day",
            _("Cost per day"),
            COST,
            "day",
            _(
                "What serving one user may cost in a day. Replies that are being written may "
                "exceed it."
            ),
        ),
        LimitKind(
            "cost_per_month",
            _("Cost per month"),
            COST,
            "month",
            _(
                "What serving one user may cost in a calendar month. Replies that are being "
                "written may exceed it."
            ),
        ),
        LimitKind(
            "longest_message",
            _("Longest message"),
            CHARACTERS,
            "message",
            _("Characters that one message may have."),
        ),
    )
}


def validate_limits(limits: object) -> None:
    """Raise ValidationError unless this is a valid set of limits. The error names the limit."""
    if not isinstance(limits, dict):
        raise ValidationError(_("Limits are an object of names and numbers."))
    for key, value in limits.items():
        if key not in LIMITS:
            message = _("There is no limit “%(key)s”.")
            raise ValidationError(message, params={"key": str(key)[:60]})
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and (not is_whole or not 0 <= value <= MAX_LIMIT):
            raise ValidationError(
                _("%(title)s must be a whole number of 0 or more, or null for no limit."),
                params={"title": LIMITS[key].title},
            )
