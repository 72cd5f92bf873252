"""A client that speaks to the API with a key, and events as its callers write them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from tests.factories import make_key

Json = dict[str, Any]


@pytest.fixture
def token(agent: Agent) -> str:
    """Gives access to everything of `agent`."""
    return make_key(agent)[1]


@pytest.fixture
def address(agent: Agent) -> str:
    return f"/api/v1/agents/{agent.id}"


@pytest.fixture
def post(client: Client, token: str, address: str) -> Callable[..., Any]:
    """Reports a body (any value as JSON, or bytes unchanged); headers as keywords."""

    def post(body: Any, content_type: str = "application/json", **headers: str) -> Any:
        headers.setdefault("Authorization", f"Bearer {token}")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post(f"{address}/messages", body, content_type=content_type, headers=named)

    return post


@pytest.fixture
def get(client: Client, token: str, address: str) -> Callable[..., Any]:
    """Sends a GET for an address below the agent's."""

    def get(path: str, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return client.get(address + path, query_params=query, headers=headers)

    return get


@pytest.fixture
def send(client: Client, token: str, address: str) -> Callable[..., Any]:
    """Sends any method, with a JSON body or none, to an address below the agent's."""

    def send(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        url, kind = address + path, "application/json"
        if body is None:
            return getattr(client, method)(url, headers=headers)
        return getattr(client, method)(url, body, content_type=kind, headers=headers)

    return send
