"""Formatting numbers and durations, and parsing numbers."""

import pytest

from frontdesk.core.formats import decimal_text, length, number, parse_decimal


def test_numbers_are_grouped() -> None:
    assert number(1532) == "1,532"
    assert number(None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (89.4, "89 s"), (90, "2 min"), (5399, "1 h 30 min"), (7200, "2 h")],
)
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert length(seconds) == words


@pytest.mark.parametrize(
    ("text", "value"), [("1.5", 1_500_000), ("0", 0), ("1.0000001", None), ("-1", None), ("", None)]
)
def test_a_typed_number_is_read_exactly(text: str, value: int | None) -> None:
    assert parse_decimal(text, 6) == value
    assert value is None or decimal_text(value, 6) == text
