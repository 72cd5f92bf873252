"""The settings page of the operator's own prices."""

from decimal import Decimal

from django.test import Client
from django.urls import reverse

from frontdesk.agents.models import Agent


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
