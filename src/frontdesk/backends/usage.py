"""Cleans an answer's usage for the ledger."""

from frontdesk.backends.question import Usage
from frontdesk.core.text import clean_line
from frontdesk.ledger.events import MAX_COST, MAX_TOKENS

MAX_MODEL = 200


def settle(usage: Usage) -> Usage:
    """The usage as it is recorded. Invalid figures are dropped, so that the answer is recorded."""
    input_tokens = _count(usage.input_tokens, MAX_TOKENS)
    cached = _count(usage.cached_tokens, min(MAX_TOKENS, input_tokens or 0))
    output_tokens = _count(usage.output_tokens, MAX_TOKENS)
    model = clean_line(usage.model) or ""
    return Usage(
        model[:MAX_MODEL], input_tokens, output_tokens, cached, _count(usage.cost, MAX_COST)
    )


def _count(value: int | None, maximum: int) -> int | None:
    return value if value is not None and 0 <= value <= maximum else None
