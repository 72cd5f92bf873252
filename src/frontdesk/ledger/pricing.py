"""The cost of a model's answer, by given rates or the price list of genai-prices.

There is no network.
"""

import datetime as dt
import functools
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from genai_prices import Usage, data_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

from frontdesk.ledger.events import MAX_COST

_MILLION = 1_000_000
_MAX_PARTS = 6
_NO_PROVIDER = re.compile(
    r"models|publishers|accounts|(us|eu|global|apac|ap|ca|sa|me|af|au|jp|uk)(-[a-z]+-?\d*)*"
)
"""The parts of a name with slashes that are paths or regions."""
_BEDROCK = re.compile(r"([a-z-]+\.)?[a-z0-9]+\.[a-z][a-z0-9.-]*[:-]v?\d+(:\d+)?")
"""Such as "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"."""


class Rates(NamedTuple):
    """Dollars per million tokens, which are micro-dollars per token."""

    input: Decimal
    cached: Decimal
    output: Decimal

    def cost(self, inputs: int, outputs: int, cached: int) -> int:
        cost = self.input * (inputs - cached) + self.cached * cached + self.output * outputs
        return int(cost.to_integral_value(ROUND_HALF_EVEN))


def price(
    model: str,
    at: dt.datetime,
    input_tokens: int | None,
    output_tokens: int | None,
    cached_tokens: int | None,
    own: Rates | None = None,
) -> int | None:
    """The price of one call at that time in micro-dollars; None if unknown.

    The operator's `own` prices of this model replace the price list.
    Calls are priced one by one and never summed first: some prices depend on the length of a
    request. `cached_tokens` are part of `input_tokens`.
    """
    if input_tokens is None and output_tokens is None:
        return None
    inputs, outputs, cached = input_tokens or 0, output_tokens or 0, cached_tokens or 0
    if own is not None:
        cost = own.cost(inputs, outputs, cached)
        return cost if cost <= MAX_COST else None
    found = _find(model) if model else None
    if found is None:
        return None
    prices = found[1].get_prices(at)
    rates = _rates(id(prices), prices)
    if rates is None:
        return _price_by_list(found, at, inputs, outputs, cached)
    return rates.cost(inputs, outputs, cached)


@functools.lru_cache(maxsize=1000)
def _find(model: str) -> tuple[Provider, ModelInfo] | None:
    """The model by its name, or by the name as a gateway writes it."""
    for reference, provider_id in _references(model):
        try:
            return data_snapshot.get_snapshot().find_provider_model(
                reference, None, provider_id, None
            )
        except LookupError:
            continue
    return None


def _references(model: str) -> Iterator[tuple[str, str | None]]:
    """The names and providers to look for: "azure/eu/gpt-4o" is gpt-4o of azure.

    A name behind an unknown provider is not looked for without it: that one has its own prices.
    """
    yield model, None
    parts = _parts(model)
    if not parts:
        return
    *providers, name = parts
    name = _base(name)
    for provider in providers:
        yield name, provider
    if not providers:
        yield name, None
    if _BEDROCK.fullmatch(name):
        yield name, "aws"


def names(model: str) -> Iterator[str]:
    """The names by which this model may be called, in lowercase, longest first: "azure/eu/gpt-4o",
    "azure/gpt-4o", "gpt-4o"."""
    parts = _parts(model.lower())
    whole = ["/".join(parts[start:]) for start in range(len(parts))]
    yield from dict.fromkeys([model.lower(), *whole, *(_base(part) for part in parts[-1:])])


def listed_id(model: str) -> str | None:
    """The price list's own id of a model, the same for its dated names and at all providers."""
    found = _find(model)
    return found[1].id if found else None


def _parts(model: str) -> list[str]:
    """The providers and the name, without paths and regions."""
    return [part for part in model.split("/")[-_MAX_PARTS:] if not _NO_PROVIDER.fullmatch(part)]


def _base(name: str) -> str:
    """ "ft:gpt-4o:acme::id" is priced as the model that was tuned."""
    return name.split(":")[1] if name.startswith("ft:") else name


def _price_by_list(
    found: tuple[Provider, ModelInfo], at: dt.datetime, inputs: int, outputs: int, cached: int
) -> int | None:
    provider, info = found
    usage = Usage(input_tokens=inputs, output_tokens=outputs, cache_read_tokens=cached)
    try:
        calculation = info.calc_price(usage, provider, genai_request_timestamp=at)
    except (LookupError, ValueError):
        return None
    return int((calculation.total_price * _MILLION).to_integral_value(ROUND_HALF_EVEN))


_known_rates: dict[int, tuple[ModelPrice, Rates | None]] = {}


def _rates(key: int, prices: ModelPrice) -> Rates | None:
    """The three rates of a price that is linear in its tokens; None for any other kind.

    The general calculation takes 0.1 ms a call, which would be most of the recording time. The
    price object is stored with its rates, so that its id is not reused.
    """
    if key not in _known_rates:
        _known_rates[key] = (prices, _measure(prices))
    return _known_rates[key][1]


def _measure(prices: ModelPrice) -> Rates | None:
    fields = vars(prices)
    if fields.get("requests_kcount") or any(isinstance(v, TieredPrices) for v in fields.values()):
        return None
    try:
        return Rates(
            *(
                prices.calc_price(usage)["total_price"]
                for usage in (
                    Usage(input_tokens=_MILLION),
                    Usage(input_tokens=_MILLION, cache_read_tokens=_MILLION),
                    Usage(output_tokens=_MILLION),
                )
            )
        )
    except (LookupError, ValueError):
        return None
