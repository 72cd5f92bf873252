"""A client that speaks to the API with a key, and events as its callers write them."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from frontdesk.agents.models import Agent, ApiKey

Json = dict[str, Any]


@pytest.fixture
def token(agent: Agent) -> str:
    """Opens everything of `agent`."""
    return ApiKey.issue(agent, "tests", ["ingest", "read", "manage"])[1]


@pytest.fixture
def address(agent: Agent) -> str:
    return f"/api/v1/agents/{agent.id}"


@pytest.fixture
def post(client: Client, token: str, address: str) -> Callable[..., Any]:
    """Reports a body (JSON of anything, or bytes as they are); headers as keywords."""

    def post(body: Any, content_type: str = "application/json", **headers: str) -> Any:
        headers.setdefault("Authorization", f"Bearer {token}")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post(f"{address}/messages", body, content_type=content_type, headers=named)

    return post


@pytest.fixture
def get(client: Client, token: str, address: str) -> Callable[..., Any]:
    """Asks for something below the agent's address."""

    def get(path: str, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return client.get(address + path, query_params=query, headers=headers)

    return get


@pytest.fixture
def send(client: Client, token: str, address: str) -> Callable[..., Any]:
    """Asks by any method, with a body of JSON or none, for something below the agent's address."""

    def send(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        url, kind = address + path, "application/json"
        if body is None:
            return getattr(client, method)(url, headers=headers)
        return getattr(client, method)(url, body, content_type=kind, headers=headers)

    return send


_numbers = itertools.count(1)


def an_event(**fields: Any) -> Json:
    """An event as a caller writes it, with a new message id; `fields` win, None leaves out."""
    event = {
        "platform": "telegram",
        "externalId": "1001",
        "role": "user",
        "time": "2026-10-14T12:00:00Z",
        "text": "Hello",
        "messageId": f"m{next(_numbers)}",
        **fields,
    }
    return {name: value for name, value in event.items() if value is not None}
