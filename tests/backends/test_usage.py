"""An answer's usage as it is recorded."""

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.backends.question import Usage
from frontdesk.backends.usage import settle
from frontdesk.core.text import storable
from frontdesk.ledger.events import MAX_COST, MAX_TOKENS

# With lone surrogates, which JSON may hold.
texts = st.text() | st.text(st.characters(categories=["Cs", "Cc", "Lu"]))
counts = st.none() | st.integers(-5, 10**13)


@given(st.builds(Usage, texts, counts, counts, counts, counts))
def test_whatever_usage_a_backend_reports_can_be_recorded(usage: Usage) -> None:
    settled = settle(usage)
    for tokens in (settled.input_tokens, settled.output_tokens, settled.cached_tokens):
        assert tokens is None or 0 <= tokens <= MAX_TOKENS
    assert (settled.cached_tokens or 0) <= (settled.input_tokens or 0)
    assert settled.cost is None or 0 <= settled.cost <= MAX_COST
    assert storable(settled.model) == settled.model
