"""What limits count: the unit, the source of its use, and how values are formatted and parsed.

Everything that depends on what a limit counts uses its quantity: the gate, the simulation, the
settings' forms, and all pages and channels that show limits. See docs/development/add-a-limit.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from frontdesk.core import money
from frontdesk.core.formats import number, parse_decimal
from frontdesk.core.text import Text


@dataclass(frozen=True)
class Quantity:
    """Something that users consume, counted in whole numbers, such as messages."""

    unit: Text
    """The plural, as written after a number."""

    day_column: str = ""
    """The column of `ledger.DailyActivity` with its sums, for windows of a day or a month."""

    unknown_column: str = ""
    """The column of `ledger.DailyActivity` that counts the messages of which it is unknown."""

    message_sql: str = ""
    """SQL that sums it over a user's messages (m), for windows without a day column."""

    size: Callable[[str], int] | None = None
    """The size of one text, for limits on single messages."""

    is_reserved: bool = False
    """Whether an admitted message uses exactly 1, so that 1 can be reserved.

    Other quantities, such as cost, are known only after the answer.
    """

    per_session: bool = False
    """Whether only a message that starts a session uses 1."""

    is_whole = True
    invalid = _("Write a whole number.")

    def write(self, value: int) -> str:
        """Format for operators."""
        return number(value)

    def write_for_visitors(self, value: int) -> str:
        return number(value)

    def write_unknown(self, messages: int) -> str:
        """The messages of which it is unknown, for operators; empty if there are none."""
        return ""

    def write_in_field(self, value: int) -> str:
        """Format for a form field."""
        return str(value)

    def parse(self, text: str) -> int | None:
        """Parse the value of a form field. None unless it is a number of at least 0."""
        return parse_decimal(text, 0)


class Money(Quantity):
    """Micro-dollars, which people read and type as dollars."""

    is_whole = False
    invalid = _("Write dollars such as 2.50.")

    def write(self, value: int) -> str:
        return money.money(value)

    def write_for_visitors(self, value: int) -> str:
        return money.cents(value)

    def write_unknown(self, messages: int) -> str:
        if not messages:
            return ""
        text = ngettext(
            "%(count)s message without a price is not counted.",
            "%(count)s messages without a price are not counted.",
            messages,
        )
        return text % {"count": number(messages)}

    def write_in_field(self, value: int) -> str:
        return money.typed_dollars(value)

    def parse(self, text: str) -> int | None:
        return money.parse_dollars(text)


MESSAGES = Quantity(
    _("messages"),
    day_column="messages_sent",
    message_sql="COUNT(*) FILTER (WHERE m.role = 'user')",
    is_reserved=True,
)
SESSIONS = Quantity(_("sessions"), day_column="sessions", is_reserved=True, per_session=True)
COST = Money(_("dollars"), day_column="cost", unknown_column="unpriced_messages")
CHARACTERS = Quantity(_("characters"), size=len)
