"""Quantities: each limit can be read in its windows, and parsed as it was formatted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.limits import LIMITS, MAX_LIMIT, LimitKind
from frontdesk.agents.quantities import CHARACTERS, COST, MESSAGES, SESSIONS
from frontdesk.ledger.models import DailyActivity

COLUMNS = {field.name for field in DailyActivity._meta.get_fields()}


@pytest.mark.parametrize("kind", LIMITS.values(), ids=LIMITS.keys())
def test_every_limit_can_be_read_in_its_window(kind: LimitKind) -> None:
    match kind.window:
        case "message":
            assert kind.quantity.size is not None
        case "day" | "month" if kind.is_daily:
            assert kind.quantity.day_column in COLUMNS
            assert not kind.quantity.unknown_column or kind.quantity.unknown_column in COLUMNS
        case _:
            assert kind.quantity.message_sql


@pytest.mark.parametrize("quantity", [MESSAGES, SESSIONS, COST, CHARACTERS])
@given(st.integers(0, MAX_LIMIT))
def test_what_stands_in_a_field_is_read_as_it_was_written(quantity: object, value: int) -> None:
    assert isinstance(quantity, type(MESSAGES))
    assert quantity.parse(quantity.write_in_field(value)) == value


@pytest.mark.parametrize(
    ("value", "in_field", "for_operators", "for_visitors"),
    [
        (0, "0.00", "$0", "$0.00"),
        (1, "0.000001", "$0.000001", "$0.00"),
        (2_500_000, "2.50", "$2.50", "$2.50"),
        (1_234_567_890, "1234.56789", "$1,234.57", "$1,234.57"),
    ],
)
def test_costs_are_dollars(
    value: int, in_field: str, for_operators: str, for_visitors: str
) -> None:
    assert COST.write_in_field(value) == in_field
    assert COST.write(value) == for_operators
    assert COST.write_for_visitors(value) == for_visitors


@pytest.mark.parametrize(
    "text", ["", "-1", "1e2", "1.2.3", "$5", "1,000", "0.0000001", "½", "9" * 30]
)
def test_what_is_not_an_amount_is_none(text: str) -> None:
    assert COST.parse(text) is None
    assert MESSAGES.parse(text) is None


def test_what_is_not_counted_is_said_in_words() -> None:
    assert COST.write_unknown(0) == MESSAGES.write_unknown(3) == ""
    assert COST.write_unknown(1) == "1 message without a price is not counted."
    assert COST.write_unknown(1234) == "1,234 messages without a price are not counted."
