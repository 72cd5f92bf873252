"""The operator's own prices of an agent's models: some models by name, and all others."""

from decimal import Decimal

from frontdesk.agents.models import Agent
from frontdesk.agents.prices import read_prices
from frontdesk.ledger.pricing import Rates, listed_id, names

_ZERO = Decimal(0)


class OwnPrices:
    """`rates` finds the prices of a model. Made for one batch: it remembers what it has found."""

    def __init__(self, by_name: dict[str, Rates], others: Rates | None) -> None:
        self._by_name = by_name
        self._others = others
        self._found: dict[str, Rates | None] = {}

    def rates(self, model: str) -> Rates | None:
        """The prices of this model; None: those of the price list apply.

        A row names a model as the price list does: with or without what gateways write before the
        name. The longest name that fits comes first, and last another name of the same listed
        model, such as "gpt-4o" for "gpt-4o-2024-08-06".
        """
        if model not in self._found:
            own = next((self._by_name[n] for n in names(model) if n in self._by_name), None)
            self._found[model] = own or self._by_listed_model(model) or self._others
        return self._found[model]

    def _by_listed_model(self, model: str) -> Rates | None:
        listed = listed_id(model) if model and self._by_name else None
        if listed is None:
            return None
        return next((r for name, r in self._by_name.items() if listed_id(name) == listed), None)


def own_prices(agent: Agent) -> OwnPrices | None:
    """The operator's own prices; None if there are none."""
    others = _rates(agent.input_price, agent.cached_price, agent.output_price)
    by_name = {}
    for name, *prices in read_prices(agent.model_prices):
        if rates := _rates(*prices):
            by_name[name.lower()] = rates
    return OwnPrices(by_name, others) if by_name or others else None


def own_rates(agent: Agent, model: str) -> Rates | None:
    """The operator's own prices of this model; None: those of the price list apply."""
    own = own_prices(agent)
    return own.rates(model) if own else None


def _rates(inputs: Decimal | None, cached: Decimal | None, outputs: Decimal | None) -> Rates | None:
    """If any is set, all apply: cached tokens without a price cost what other input costs, and
    other tokens without a price cost nothing."""
    if inputs is cached is outputs is None:
        return None
    inputs = inputs or _ZERO
    return Rates(inputs, inputs if cached is None else cached, outputs or _ZERO)
