"""What an answer took, made fit for the ledger, and priced by the operator's own prices."""

from decimal import ROUND_HALF_EVEN, Decimal

from frontdesk.backends.models import Backend
from frontdesk.backends.question import Usage
from frontdesk.core.text import clean_line
from frontdesk.ledger.events import MAX_COST, MAX_TOKENS

MAX_MODEL = 200


def settle(backend: Backend, usage: Usage) -> Usage:
    """The usage as it is recorded. Figures that cannot be are dropped: the answer is worth more."""
    entering = _count(usage.input_tokens, MAX_TOKENS)
    cached = _count(usage.cached_tokens, min(MAX_TOKENS, entering or 0))
    leaving = _count(usage.output_tokens, MAX_TOKENS)
    cost = _count(usage.cost, MAX_COST)
    if cost is None:
        cost = _count(own_price(backend, entering, leaving, cached), MAX_COST)
    model = clean_line(usage.model) or ""
    return Usage(model[:MAX_MODEL], entering, leaving, cached, cost)


def own_price(
    backend: Backend, entering: int | None, leaving: int | None, cached: int | None
) -> int | None:
    """Micro-dollars by the backend's own prices; None leaves it to the price list.

    One price that is set makes all of them count: cached tokens without a price of their own cost
    what others do, and what else has none costs nothing.
    """
    rates = (backend.input_price, backend.cached_price, backend.output_price)
    if all(rate is None for rate in rates) or (entering is None and leaving is None):
        return None
    zero = Decimal(0)
    input_price, output_price = backend.input_price or zero, backend.output_price or zero
    cached_price = input_price if backend.cached_price is None else backend.cached_price
    from_cache = cached or 0
    # Dollars per million tokens are micro-dollars per token.
    cost = input_price * ((entering or 0) - from_cache) + cached_price * from_cache
    cost += output_price * (leaving or 0)
    return int(cost.to_integral_value(ROUND_HALF_EVEN))


def _count(value: int | None, most: int) -> int | None:
    return value if value is not None and 0 <= value <= most else None
