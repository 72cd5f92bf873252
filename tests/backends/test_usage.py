"""An answer's usage as it is recorded, also with the operator's own prices."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.backends.models import Backend
from frontdesk.backends.question import Usage
from frontdesk.backends.usage import settle
from frontdesk.core.text import storable
from frontdesk.ledger.events import MAX_COST, MAX_TOKENS

# With lone surrogates, which JSON may hold.
texts = st.text() | st.text(st.characters(categories=["Cs", "Cc", "Lu"]))
counts = st.none() | st.integers(-5, 10**13)
prices = st.none() | st.decimals(0, 999_999, places=6)


@pytest.mark.parametrize(
    ("prices", "usage", "cost"),
    [
        ({}, Usage("m", 100, 10), None),
        ({"input_price": 2, "output_price": 10}, Usage("m", 100, 10, 40), 300),
        ({"input_price": 2, "cached_price": 1}, Usage("m", 100, 10, 40), 160),
        ({"output_price": 10}, Usage("m", 100, 10), 100),
        ({"input_price": 2}, Usage("m"), None),
        ({"input_price": 2}, Usage("m", 100, 10, cost=7), 7),
        ({"input_price": 0}, Usage("m", 100, 10), 0),
    ],
)
def test_own_prices_apply_if_any_is_set(
    prices: dict[str, int], usage: Usage, cost: int | None
) -> None:
    backend = Backend(**{name: Decimal(value) for name, value in prices.items()})
    assert settle(backend, usage).cost == cost


@given(st.builds(Usage, texts, counts, counts, counts, counts), st.tuples(prices, prices))
def test_whatever_usage_a_backend_reports_can_be_recorded(
    usage: Usage, own: tuple[Decimal | None, Decimal | None]
) -> None:
    settled = settle(Backend(input_price=own[0], output_price=own[1]), usage)
    for tokens in (settled.input_tokens, settled.output_tokens, settled.cached_tokens):
        assert tokens is None or 0 <= tokens <= MAX_TOKENS
    assert (settled.cached_tokens or 0) <= (settled.input_tokens or 0)
    assert settled.cost is None or 0 <= settled.cost <= MAX_COST
    assert storable(settled.model) == settled.model
