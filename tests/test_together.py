"""Pages, API and gate are one: what is done in one of them holds in the others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, Erasure
from tests.factories import make_key

Call = Callable[..., Any]


@pytest.fixture
def call(agent: Agent) -> Call:
    """Asks the API with a key of every scope; the answer's JSON."""
    token = make_key(agent)[1]
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def call(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        url = f"/api/v1/agents/{agent.id}{path}"
        send = getattr(client, method)
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        response = send(url, **sent)
        assert response.status_code == status, response.content
        return response.json()

    return call


def event(message_id: str) -> dict[str, Any]:
    return {
        "platform": "web",
        "externalId": "maya",
        "name": "Maya",
        "role": "user",
        "messageId": message_id,
        "time": timezone.now().isoformat(),
        "text": "Hello",
    }


def asks(message_id: str) -> dict[str, Any]:
    return {"platform": "web", "externalId": "maya", "messageId": message_id}


def act(client: Client, agent: Agent, name: str, **values: Any) -> None:
    """Send one of the forms of Maya's profile."""
    user = EndUser.objects.get(agent=agent, external_id="maya")
    response: Any = client.post(reverse(f"users:{name}", args=[agent.id, user.id]), values)
    assert response.status_code == 302, response.content


def test_a_block_of_a_page_is_told_by_the_api_and_ended_by_it(
    agent: Agent, signed_in: Client, call: Call
) -> None:
    assert call("post", "/messages", event("m1"))["recorded"] == 1
    assert call("post", "/check", asks("m2"))["admitted"] is True

    act(signed_in, agent, "block", reason="Spam", how_long="24h", text="Not today.")
    verdict = call("post", "/check", asks("m3"))
    assert (verdict["admitted"], verdict["reason"], verdict["text"]) == (
        False,
        "blocked",
        "Not today.",
    )
    assert verdict["retryAt"] is not None

    call("delete", "/users/web:maya/block")
    assert call("post", "/check", asks("m4"))["admitted"] is True
    user = EndUser.objects.get(agent=agent)
    page: Any = signed_in.get(reverse("users:user", args=[agent.id, user.id]))
    assert "Not today." not in page.content.decode()


def test_a_limit_of_the_api_holds_until_a_plan_of_a_page_or_the_user_says_otherwise(
    agent: Agent, call: Call
) -> None:
    call("post", "/messages", event("m1"))
    call("put", "/users/web:maya/limits", {"limits": {"messages_per_month": 2}})

    assert call("post", "/check", {**asks("m2"), "reserve": True})["admitted"] is True
    verdict = call("post", "/check", asks("m3"))
    assert (verdict["admitted"], verdict["reason"]) == (False, "messages_per_month")
    call("post", "/messages", event("m2"))  # what was reserved
    (limit,) = call("get", "/users/web:maya/limits")["limits"]
    assert (limit["used"], limit["left"], limit["source"]) == (2, 0, "user")

    call("put", "/users/web:maya/limits", {"limits": {}})
    assert call("post", "/check", asks("m3"))["admitted"] is True


def test_who_is_erased_on_a_page_does_not_come_back_until_it_is_allowed(
    agent: Agent, signed_in: Client, call: Call
) -> None:
    call("post", "/messages", event("m1"))
    act(signed_in, agent, "erase", confirmation="Maya")
    erasure = Erasure.objects.get(agent=agent)

    call("get", "/users/web:maya", status=404)
    assert call("post", "/messages", event("m1"))["rejected"] == 1
    verdict = call("post", "/check", asks("m2"))
    assert (verdict["admitted"], verdict["reason"]) == (False, "erased")
    told = call("get", f"/erasures/{erasure.id}")
    assert (told["state"], told["requestedBy"]) == ("done", "olivia")

    signed_in.post(reverse("users:allow-return", args=[agent.id, erasure.id]))
    assert call("post", "/messages", event("m2"))["recorded"] == 1
    assert call("get", "/users/web:maya")["totalMessagesSent"] == 1
