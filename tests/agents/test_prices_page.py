"""The settings page of the operator's own prices."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from frontdesk.agents.models import Agent
from frontdesk.agents.prices import ModelPrice


def prices_url(agent: Agent) -> str:
    return reverse("agents:prices", args=[agent.id])


def test_prices_are_saved_and_removed(signed_in: Client, agent: Agent) -> None:
    url = prices_url(agent)
    assert signed_in.post(url, {"input_price": "0.15", "output_price": "2"}).status_code == 302
    agent.refresh_from_db()
    assert (agent.input_price, agent.cached_price) == (Decimal("0.15"), None)
    assert 'value="0.15' in signed_in.get(url).content.decode()
    signed_in.post(url, {"input_price": "", "output_price": ""})
    agent.refresh_from_db()
    assert agent.input_price is agent.output_price is None


def test_a_bad_price_is_reported_and_stores_nothing(signed_in: Client, agent: Agent) -> None:
    refused = signed_in.post(prices_url(agent), {"input_price": "-1", "output_price": "2"})
    assert refused.status_code == 422
    assert "greater than or equal to 0" in refused.content.decode()
    agent.refresh_from_db()
    assert agent.output_price is None


def test_models_have_rows_of_their_own(signed_in: Client, agent: Agent) -> None:
    url = prices_url(agent)
    rows = {
        "model_1": " house-model ",
        "input_price_1": "1.5",
        "model_2": "azure/gpt-4o",
        "output_price_2": "0",
        "model_3": "",
    }
    assert signed_in.post(url, {"output_price": "2", **rows}).status_code == 302
    agent.refresh_from_db()
    assert agent.output_price == 2
    assert agent.model_prices == [
        {"model": "house-model", "input": "1.5", "cached": None, "output": None},
        {"model": "azure/gpt-4o", "input": None, "cached": None, "output": "0"},
    ]
    page = signed_in.get(url).content.decode()
    assert 'value="azure/gpt-4o"' in page
    assert 'name="model_5"' in page  # rows for more models
    signed_in.post(url, rows | {"model_1": "", "input_price_1": ""})
    agent.refresh_from_db()
    assert [row["model"] for row in agent.model_prices] == ["azure/gpt-4o"]
    assert agent.output_price is None


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ({"model_1": "house"}, "Enter a price, or remove the name."),
        ({"model_1": "", "input_price_1": "1"}, "Enter the name of the model."),
        (
            {"model_1": "a", "input_price_1": "1", "model_2": "A", "input_price_2": "2"},
            "This model already has a row.",
        ),
        ({"model_1": "a", "input_price_1": "-1"}, "greater than or equal to 0"),
        ({"model_1": "a" * 201, "input_price_1": "1"}, "at most 200 characters"),
        ({"model_1": "a", "input_price_1": "NaN"}, "Enter a number."),
    ],
)
def test_a_bad_row_is_reported_and_stores_nothing(
    signed_in: Client, agent: Agent, rows: dict[str, str], fault: str
) -> None:
    refused = signed_in.post(prices_url(agent), {"output_price": "2", **rows})
    assert refused.status_code == 422
    assert fault in refused.content.decode()
    agent.refresh_from_db()
    assert (agent.output_price, agent.model_prices) == (None, [])


def test_there_are_at_most_100_rows(signed_in: Client, agent: Agent) -> None:
    rows = {f"model_{n}": f"m{n}" for n in range(1, 103)}
    rows |= {f"input_price_{n}": "1" for n in range(1, 103)}
    signed_in.post(prices_url(agent), rows)
    agent.refresh_from_db()
    assert len(agent.model_prices) == 100
    assert signed_in.get(prices_url(agent)).content.decode().count('name="model_') == 100


def test_the_backends_page_says_that_own_prices_apply(signed_in: Client, agent: Agent) -> None:
    row = ModelPrice("gpt-4o", Decimal(1), None, Decimal(3))
    Agent.objects.filter(id=agent.id).update(model_prices=[row.stored()])
    url = reverse("backends:price", args=[agent.id])
    own = signed_in.get(url, {"openai-model": "openai/gpt-4o"}).content.decode()
    assert "Your own prices apply: $1.00 in and $3.00 out" in own
    listed = signed_in.get(url, {"openai-model": "gpt-4o-mini"}).content.decode()
    assert "The price list knows it" in listed
