"""The six numbers that are summed everywhere: per session, day, user and agent."""

from typing import NamedTuple


class Figures(NamedTuple):
    """Counts of messages and micro-dollars, or differences of them."""

    messages: int = 0
    chat_messages: int = 0
    messages_sent: int = 0
    cost: int = 0
    unpriced_messages: int = 0
    failed_messages: int = 0

    def plus(self, other: "Figures") -> "Figures":
        a, b = self, other  # spelled out: this is the innermost line of recording
        return Figures(
            a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5]
        )  # fmt: skip

    def minus(self, other: "Figures") -> "Figures":
        a, b = self, other
        return Figures(
            a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3], a[4] - b[4], a[5] - b[5]
        )  # fmt: skip


NOTHING = Figures()


def of_message(role: str, cost: int | None, has_usage: bool, failed: bool) -> Figures:
    """What one message adds. Usage without a known price is counted, never treated as free."""
    return Figures(
        1,
        1 if role in ("user", "agent") else 0,
        1 if role == "user" else 0,
        cost or 0,
        1 if cost is None and has_usage else 0,
        1 if failed and role == "agent" else 0,
    )
