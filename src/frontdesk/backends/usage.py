"""Cleans an answer's usage for the ledger, and prices it by the operator's own prices."""

from decimal import ROUND_HALF_EVEN, Decimal

from frontdesk.backends.models import Backend
from frontdesk.backends.question import Usage
from frontdesk.core.text import clean_line
from frontdesk.ledger.events import MAX_COST, MAX_TOKENS

MAX_MODEL = 200


def settle(backend: Backend, usage: Usage) -> Usage:
    """The usage as it is recorded. Invalid figures are dropped, so that the answer is recorded."""
    input_tokens = _count(usage.input_tokens, MAX_TOKENS)
    cached = _count(usage.cached_tokens, min(MAX_TOKENS, input_tokens or 0))
    output_tokens = _count(usage.output_tokens, MAX_TOKENS)
    cost = _count(usage.cost, MAX_COST)
    if cost is None:
        cost = _count(own_price(backend, input_tokens, output_tokens, cached), MAX_COST)
    model = clean_line(usage.model) or ""
    return Usage(model[:MAX_MODEL], input_tokens, output_tokens, cached, cost)


def own_price(
    backend: Backend, input_tokens: int | None, output_tokens: int | None, cached: int | None
) -> int | None:
    """Micro-dollars by the backend's own prices; None leaves it to the price list.

    If any price is set, all apply: cached tokens without a price cost what other input costs, and
    other tokens without a price cost nothing.
    """
    rates = (backend.input_price, backend.cached_price, backend.output_price)
    if all(rate is None for rate in rates) or (input_tokens is None and output_tokens is None):
        return None
    zero = Decimal(0)
    input_price, output_price = backend.input_price or zero, backend.output_price or zero
    cached_price = input_price if backend.cached_price is None else backend.cached_price
    from_cache = cached or 0
    # Dollars per million tokens are micro-dollars per token.
    cost = input_price * ((input_tokens or 0) - from_cache) + cached_price * from_cache
    cost += output_price * (output_tokens or 0)
    return int(cost.to_integral_value(ROUND_HALF_EVEN))


def _count(value: int | None, maximum: int) -> int | None:
    return value if value is not None and 0 <= value <= maximum else None
