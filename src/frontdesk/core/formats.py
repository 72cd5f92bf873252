"""Formats numbers and durations, and parses numbers."""

import re


def number(value: int | None) -> str:
    """1532 → 1,532."""
    return "" if value is None else f"{value:,}"


def length(seconds: float) -> str:
    """42 → "42 s", 630 → "11 min", 4500 → "1 h 15 min"."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60:,} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60:,} h"


def decimal_text(value: int, digits: int) -> str:
    """A whole number of the unit 10^-digits, as it is typed: (1500000, 6) → "1.5"."""
    whole, part = divmod(value, 10**digits)
    return f"{whole}.{part:0{digits}}".rstrip("0").rstrip(".") if part else str(whole)


def parse_decimal(text: str, digits: int) -> int | None:
    """The reverse: ("1.5", 6) → 1500000. None unless it is a number of at least 0.

    Up to 16 digits before the point, and up to `digits` after it.
    """
    match = re.fullmatch(r"([0-9]{1,16})(?:\.([0-9]+))?", text)
    if match is None or len(match[2] or "") > digits:
        return None
    return int(match[1] + (match[2] or "").ljust(digits, "0"))
