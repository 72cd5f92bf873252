"""Money: integer micro-dollars, and how they are written."""

from decimal import ROUND_HALF_EVEN, Decimal

from frontdesk.core.formats import decimal_text

MICRO = Decimal(1_000_000)


def money(micro: int | None) -> str:
    """Micro-dollars as dollars: cents from one dollar on, two significant digits below.

    What has no price is a dash, never $0.
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


def dollars(micro: int) -> str:
    """Micro-dollars exactly, as a decimal number of dollars."""
    return f"-{decimal_text(-micro, 6)}" if micro < 0 else decimal_text(micro, 6)
