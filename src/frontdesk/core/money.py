"""Formats and parses amounts of money, which are integer micro-dollars everywhere."""

from decimal import ROUND_HALF_EVEN, Decimal

from frontdesk.core.formats import decimal_text, parse_decimal

DIGITS = 6
MICRO = Decimal(10**DIGITS)


def money(micro: int | None) -> str:
    """Micro-dollars as dollars: with cents from $1, with two significant digits below.

    An unknown amount is a dash, never $0.
    """
    if micro is None:
        return "—"
    dollars = Decimal(micro) / MICRO
    if micro == 0 or abs(dollars) >= 1:
        return _signed(dollars.quantize(Decimal("0.01")) if micro else Decimal(0))
    digits = min(6, max(2, 1 - dollars.adjusted()))
    return _signed(dollars.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN))


def _signed(dollars: Decimal) -> str:
    return f"{'-' if dollars < 0 else ''}${abs(dollars):,f}"


def cents(micro: int) -> str:
    """Micro-dollars as dollars with exactly two decimals: "$1,250.00"."""
    return f"${Decimal(micro) / MICRO:,.2f}"


def about_dollars(micro: int) -> str:
    """Rounded: "$38", or "$1.50" below $10; empty below half a cent."""
    whole = round(micro / 10_000)
    if not whole:
        return ""
    return f"${whole / 100:,.2f}" if whole < 1_000 else f"${whole // 100:,}"


def dollars(micro: int) -> str:
    """Micro-dollars exactly, as a decimal number of dollars."""
    return f"-{decimal_text(-micro, DIGITS)}" if micro < 0 else decimal_text(micro, DIGITS)


def typed_dollars(micro: int) -> str:
    """As people type amounts: 2_500_000 → "2.50", 1 → "0.000001"; never rounded."""
    whole, _, part = dollars(micro).partition(".")
    return f"{whole}.{part:0<2}"


def parse_dollars(text: str) -> int | None:
    """The reverse: "2.50" or ".5". None unless it is an amount of at least 0."""
    return parse_decimal(f"0{text}" if text.startswith(".") else text, DIGITS)
