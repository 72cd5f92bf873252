"""Formatting money."""

import pytest

from frontdesk.core.money import money


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (None, "—"),
        (0, "$0"),
        (1, "$0.000001"),
        (4_200, "$0.0042"),
        (4_250, "$0.0042"),
        (120_000, "$0.12"),
        (999_999, "$1.00"),
        (1_000_000, "$1.00"),
        (1_234_567_890, "$1,234.57"),
        (-4_200, "-$0.0042"),
    ],
)
def test_money_has_cents_or_two_digits_that_matter(micro: int | None, text: str) -> None:
    assert money(micro) == text
