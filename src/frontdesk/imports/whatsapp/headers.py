"""The beginning of a message's first line: its date and time, as phones of all countries write it.

iPhones write `[31.12.24, 21:15:03] Alice: Hello`, Android `12/31/24, 9:15 PM - Alice: Hello`.
"""

import re
from typing import NamedTuple

_HALF = r"[AaPp]\.?\s?[Mm]\.?|上午|下午|午前|午後|오전|오후|ص|م|[πμ]\.?\s?μ\.?"
_AFTERNOON = ("pm", "下午", "午後", "오후", "م", "μμ")
_DATE = r"(\d{1,4})\s?[./-]\s?(\d{1,2})\s?([./-])\s?(\d{1,4})\.?"
_TIME = rf"(?:({_HALF})\s?)?(\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}}))?(?:\s?({_HALF}))?"
STYLES = (
    re.compile(rf"\[{_DATE}[,،]?\s{{0,2}}{_TIME}\]\s?"),
    re.compile(rf"{_DATE}[,،]?\s{{1,2}}{_TIME}\s[-–]\s"),
)
"""Of iPhones and of Android. A file has one of them."""

MARKS = "\u200e\u200f\u202a\u202b\u202c\ufeff"
"""Invisible marks of direction, which stand before lines and before WhatsApp's own texts."""


class Header(NamedTuple):
    """Date and time of a message, and the rest of its line.

    The order of the three numbers of the date differs by country.
    """

    date: tuple[int, int, int]
    has_long_year_first: bool
    has_dots: bool
    clock: tuple[int, int, int]
    rest: str


def read_header(line: str, style: re.Pattern[str]) -> Header | None:
    """The header of a line; None if the line continues a message."""
    line = line.lstrip(MARKS)
    found = style.match(line)
    if found is None:
        return None
    first, second, separator, third, before, hour, minute, seconds, after = found.groups()
    half = (before or after or "").lower().replace(".", "").replace(" ", "")
    return Header(
        (int(first), int(second), int(third)),
        len(first) == 4,
        separator == ".",
        (_hour(int(hour), half), int(minute), int(seconds or 0)),
        line[found.end() :],
    )


def _hour(hour: int, half: str) -> int:
    """The hour of the day; `half` is empty where a day has 24 hours."""
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half in _AFTERNOON else 0)
