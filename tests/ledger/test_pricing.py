"""Prices come from genai-prices, offline. They change, so these tests compare with the list."""

import datetime as dt
import socket
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.agents.prices import ModelPrice
from frontdesk.ledger.events import MAX_TOKENS
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.own_prices import own_rates
from frontdesk.ledger.pricing import Rates, price
from frontdesk.ledger.record import record
from frontdesk.ledger.recount import check
from tests.factories import NOON, make_event

tokens = st.integers(0, 3_000_000)


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-pro"])
@given(entering=tokens, leaving=tokens, cached=tokens)
def test_a_price_is_the_price_lists(model: str, entering: int, leaving: int, cached: int) -> None:
    cached = min(cached, entering)
    usage = Usage(input_tokens=entering, output_tokens=leaving, cache_read_tokens=cached)
    listed = calc_price(usage, model_ref=model, genai_request_timestamp=NOON)
    micro = price(model, NOON, entering, leaving, cached)
    assert micro is not None
    assert abs(micro - listed.total_price * 1_000_000) <= 0.5


@pytest.mark.parametrize(
    ("model", "entering", "leaving"),
    [("a-model-nobody-prices", 5, 5), ("", 5, 5), ("gpt-4o", None, None), ("../../etc", 1, 1)],
)
def test_what_has_no_price_is_unknown_and_not_zero(
    model: str, entering: int | None, leaving: int | None
) -> None:
    assert price(model, NOON, entering, leaving, None) is None


def test_the_network_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert price("gpt-4.1-mini", NOON, 1000, 1000, None)


def test_a_price_of_long_ago_is_none_or_a_number() -> None:
    long_ago = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
    assert price("gpt-4o", long_ago, 1000, 0, 0) in (None, price("gpt-4o", NOON, 1000, 0, 0))


def test_a_provider_before_the_name_is_understood_as_gateways_write_it() -> None:
    direct = price("gpt-4o", NOON, 1000, 100, None)
    assert direct is not None
    assert price("openai/gpt-4o", NOON, 1000, 100, None) == direct
    assert price("no-such-provider/gpt-4o", NOON, 1000, 100, None) is None


@pytest.mark.parametrize(
    ("name", "provider", "model"),
    [
        ("azure/eu/gpt-4o", "azure", "gpt-4o"),
        ("azure/us/gpt-4o", "azure", "gpt-4o"),
        ("models/gemini-2.5-pro", None, "gemini-2.5-pro"),
        ("gemini/models/gemini-2.5-pro", None, "gemini-2.5-pro"),
        ("eu/gpt-4o", None, "gpt-4o"),
        ("ft:gpt-4o-mini:acme::x1", None, "gpt-4o-mini"),
        ("openai/ft:gpt-4o-mini:acme::x1", None, "gpt-4o-mini"),
        ("openrouter/openai/gpt-4o", None, "gpt-4o"),
        (
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws",
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "bedrock/us-east-1/anthropic.claude-3-5-sonnet-20240620-v1:0",
            "aws",
            "anthropic.claude-3-5-sonnet-20240620-v1:0",
        ),
    ],
)
def test_provider_region_and_path_before_a_name_are_understood(
    name: str, provider: str | None, model: str
) -> None:
    usage = Usage(input_tokens=1000, output_tokens=100)
    listed = calc_price(usage, model, provider_id=provider, genai_request_timestamp=NOON)
    assert price(name, NOON, 1000, 100, None) == round(listed.total_price * 1_000_000)


@pytest.mark.parametrize(
    "name", ["a/b/gpt-4o", "ft:", "ft::", "/", "//", "models/", "eu/us/", "x." * 99]
)
def test_a_name_of_nothing_known_has_no_price(name: str) -> None:
    assert price(name, NOON, 1000, 100, None) is None


@given(st.text(st.sampled_from("a/.:-ft1v"), max_size=200))
def test_any_name_is_priced_or_not(name: str) -> None:
    cost = price(name, NOON, 1, 1, None)
    assert cost is None or cost >= 0


@pytest.mark.parametrize(
    ("prices", "tokens", "cost"),
    [
        ({}, (100, 10, 40), None),
        ({"input_price": 2, "output_price": 10}, (100, 10, 40), 300),
        ({"input_price": 2, "cached_price": 1}, (100, 10, 40), 160),
        ({"output_price": 10}, (100, 10, None), 100),
        ({"input_price": 2}, (None, None, None), None),
        ({"input_price": 0}, (100, 10, None), 0),
        ({"input_price": 999_999}, (MAX_TOKENS, 0, None), None),
    ],
)
def test_own_prices_apply_if_any_is_set(
    prices: dict[str, int], tokens: tuple[int | None, int | None, int | None], cost: int | None
) -> None:
    agent = Agent(**{name: Decimal(value) for name, value in prices.items()})
    for model in ("", "no-such-model"):
        assert price(model, NOON, *tokens, own_rates(agent, model)) == cost


def rates(*dollars: int) -> Rates:
    return Rates(*map(Decimal, dollars))


def priced_models(**others: Decimal) -> Agent:
    """An agent with prices of single models: of input 1 to 5."""
    names = ("gpt-4o", "azure/gpt-4o", "House-Model", "acme/llama", "eu.acme.llama-v1:0")
    rows = [ModelPrice(name, Decimal(n), None, None) for n, name in enumerate(names, 1)]
    return Agent(model_prices=[row.stored() for row in rows], **others)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        ("gpt-4o", 1),
        ("openai/gpt-4o", 1),
        ("openrouter/openai/gpt-4o", 1),
        ("gpt-4o-2024-08-06", 1),
        ("azure/eu/gpt-4o-2024-08-06", 1),
        ("ft:gpt-4o:acme::1", 1),
        ("azure/gpt-4o", 2),
        ("azure/eu/gpt-4o", 2),
        ("gateway/azure/gpt-4o", 2),
        ("house-model", 3),
        ("models/HOUSE-MODEL", 3),
        ("acme/llama", 4),
        ("eu.acme.llama-v1:0", 5),
        ("bedrock/eu.acme.llama-v1:0", 5),
        ("gpt-4o-mini", None),
        ("llama", None),
        ("house-model-2", None),
        ("", None),
    ],
)
def test_a_row_names_a_model_as_the_price_list_does(model: str, inputs: int | None) -> None:
    found = own_rates(priced_models(), model)
    assert (found and found.input) == inputs


def test_models_without_a_row_have_the_agents_prices() -> None:
    found = own_rates(priced_models(output_price=Decimal(7)), "llama")
    assert found == rates(0, 0, 7)


def test_a_row_is_as_complete_as_the_agents_prices() -> None:
    row = ModelPrice("house", Decimal(2), None, None)
    assert own_rates(Agent(model_prices=[row.stored()]), "house") == rates(2, 2, 0)
    free = ModelPrice("house", Decimal(0), None, None)
    assert own_rates(Agent(model_prices=[free.stored()]), "house") == rates(0, 0, 0)


@pytest.mark.django_db(transaction=True)
class TestOwnPricesOfReports:
    """The agent's own prices, whoever reports the message."""

    usage: ClassVar[dict[str, Any]] = {
        "role": "agent", "model": "gpt-4o", "input_tokens": 1000, "output_tokens": 100,
    }  # fmt: skip

    @pytest.fixture
    def priced(self, agent: Agent) -> Agent:
        agent.input_price, agent.output_price = Decimal("0.15"), Decimal(2)
        agent.save()
        return agent

    def test_they_replace_the_price_list_and_not_a_given_cost(self, priced: Agent) -> None:
        events = make_event(0, **self.usage), make_event(1, **self.usage, cost=7)
        record(priced, events)
        assert list(Message.objects.order_by("sent_at").values_list("cost", flat=True)) == [350, 7]
        assert EndUser.objects.get().user_cost == 357

    def test_they_are_those_in_the_database(self, priced: Agent) -> None:
        """Whatever a channel has kept in memory."""
        record(Agent(id=priced.id), [make_event(0, **self.usage)])
        assert Message.objects.get().cost == 350

    def test_each_model_has_the_prices_of_its_row(self, priced: Agent) -> None:
        priced.model_prices = [ModelPrice("gpt-4o", Decimal(1), None, Decimal(3)).stored()]
        priced.save()
        others = self.usage | {"model": "gpt-4o-mini"}
        record(priced, [make_event(0, **self.usage), make_event(1, **others)])
        costs = Message.objects.order_by("sent_at").values_list("cost", flat=True)
        assert list(costs) == [1300, 350]
        assert check(priced) == []

    def test_a_repeat_after_a_change_is_a_duplicate_and_changes_nothing(
        self, priced: Agent
    ) -> None:
        event = make_event(0, **self.usage)
        record(priced, [event])
        priced.input_price = Decimal(9)
        priced.save()
        assert [each.status for each in record(priced, [event])] == ["duplicate"]
        assert Message.objects.get().cost == 350
        assert check(priced) == []

    def test_usage_that_an_edit_brings_is_priced_by_them(self, priced: Agent) -> None:
        record(priced, [make_event(0, role="agent", message_id="m")])
        edited = make_event(0, **self.usage, message_id="m", edited_at=NOON)
        record(priced, [edited])
        assert Message.objects.get().cost == EndUser.objects.get().user_cost == 350
        assert check(priced) == []
