"""What limits count: the unit, where use is read from, and how a value is written and read.

Everything that depends on what a limit counts asks its quantity: the gate, the simulation, the
settings' forms and every page or channel that shows a limit. See docs/development/add-a-limit.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from frontdesk.core import money
from frontdesk.core.formats import number, parse_decimal
from frontdesk.core.text import Text


@dataclass(frozen=True)
class Quantity:
    """A whole number of something that a user takes up, such as messages."""

    unit: Text
    """In the plural, as it stands behind a number."""

    day_column: str = ""
    """The column of `ledger.DailyActivity` that adds it up, for windows of a day or a month."""

    message_sql: str = ""
    """What adds it up over a user's messages (m), for windows that no day column is read for."""

    size: Callable[[str], int] | None = None
    """How much of it one text has, for a limit on single messages."""

    is_reserved: bool = False
    """Whether a message that the gate admits takes 1 of it, so that 1 can be reserved.

    What else there is, such as cost, is known only afterwards.
    """

    per_session: bool = False
    """Whether only the message that starts a session takes 1 of it."""

    is_whole = True
    invalid = _("Write a whole number.")

    def write(self, value: int) -> str:
        """For operators."""
        return number(value)

    def write_for_visitors(self, value: int) -> str:
        return number(value)

    def write_in_field(self, value: int) -> str:
        """As people type it in a form."""
        return str(value)

    def parse(self, text: str) -> int | None:
        """What is typed in a form; None for what is not a number from 0 on."""
        return parse_decimal(text, 0)


class Money(Quantity):
    """Micro-dollars, which people read and type as dollars."""

    is_whole = False
    invalid = _("Write dollars such as 2.50.")

    def write(self, value: int) -> str:
        return money.money(value)

    def write_for_visitors(self, value: int) -> str:
        return money.cents(value)

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
COST = Money(_("dollars"), day_column="cost")
CHARACTERS = Quantity(_("characters"), size=len)
