"""Access: keys, scopes, keys of other agents, revocation."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from frontdesk.agents.models import Agent, ApiKey
from tests.factories import make_agent, make_api_event, make_key

ENDPOINTS = [
    ("POST", "/messages", "ingest"),
    ("GET", "/users", "read"),
    ("GET", "/users/web:1", "read"),
    ("GET", "/users/web:1/messages", "read"),
    ("GET", "/users/export", "manage"),
    ("GET", "/users/web:1/data.zip", "manage"),
    ("POST", "/users/web:1/block", "manage"),
    ("DELETE", "/users/web:1/block", "manage"),
    ("GET", "/users/web:1/blocks", "manage"),
    ("PUT", "/users/web:1/plan", "manage"),
    ("DELETE", "/users/web:1/plan", "manage"),
    ("POST", "/users/web:1/tags", "manage"),
    ("GET", "/users/web:1/limits", "manage"),
    ("PUT", "/users/web:1/limits", "manage"),
    ("PUT", "/users/web:1/attributes", "manage"),
    ("POST", "/users/web:1/erase", "manage"),
    ("POST", "/users/web:1/anonymise", "manage"),
    ("POST", "/users/web:1/link", "manage"),
    ("DELETE", "/users/web:1/link", "manage"),
    ("GET", "/erasures/1", "manage"),
    ("GET", "/plans", "manage"),
    ("GET", "/tags", "manage"),
]


def ask(client: Client, method: str, url: str, authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    body = make_api_event() if method in ("POST", "PUT") else None
    return getattr(client, method.lower())(
        url, body, headers=headers, **({"content_type": "application/json"} if body else {})
    )


@pytest.mark.parametrize(("method", "path", "scope"), ENDPOINTS)
class TestEveryEndpoint:
    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer fd_wrong",
            "Basic Zm9vOmJhcg==",
            "fd_x",
            "Bearer é",
        ],
    )
    def test_without_a_valid_key_is_401(
        self,
        client: Client,
        address: str,
        method: str,
        path: str,
        scope: str,
        authorization: str | None,
    ) -> None:
        response = ask(client, method, address + path, authorization)

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.json()["error"]["code"] == "unauthorized"

    def test_with_a_key_of_another_scope_is_403(
        self, client: Client, agent: Agent, address: str, method: str, path: str, scope: str
    ) -> None:
        token = make_key(agent, *sorted({*ApiKey.Scope.values} - {scope}))[1]

        response = ask(client, method, address + path, f"Bearer {token}")

        assert response.status_code == 403
        assert response.json()["error"]["code"] == "missing_scope"
        assert scope in response.json()["error"]["message"]

    def test_with_a_key_of_another_agent_is_404_as_for_an_unknown_agent(
        self, client: Client, address: str, token: str, method: str, path: str, scope: str
    ) -> None:
        stranger = make_agent("Stranger")

        answers = [
            ask(client, method, f"/api/v1/agents/{agent_id}{path}", f"Bearer {token}")
            for agent_id in (stranger.id, uuid.uuid4(), "not-an-id")
        ]

        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1

    def test_with_a_revoked_key_is_401_at_once(
        self, client: Client, agent: Agent, address: str, method: str, path: str, scope: str
    ) -> None:
        key, token = make_key(agent, scope)
        assert ask(client, method, address + path, f"Bearer {token}").status_code != 401

        key.revoke()

        assert ask(client, method, address + path, f"Bearer {token}").status_code == 401

    def test_an_operators_session_gives_no_access(
        self, signed_in: Client, address: str, method: str, path: str, scope: str
    ) -> None:
        assert ask(signed_in, method, address + path, None).status_code == 401

    def test_a_wrong_method_is_405_in_json(
        self, client: Client, address: str, method: str, path: str, scope: str
    ) -> None:
        response: Any = client.patch(address + path)

        assert response.status_code == 405
        assert method in response.headers["Allow"].split(", ")
        assert response.json()["error"]["code"] == "method_not_allowed"


def test_programs_need_no_csrf_token(token: str, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert ask(strict, "POST", address + "/messages", f"Bearer {token}").status_code == 200
    assert ask(strict, "POST", "/api/v1/nothing", None).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1", "/api/v2/agents", "/api/v1/agents/1/nothing"])
def test_an_unknown_address_is_404_in_json(client: Client, path: str) -> None:
    response: Any = client.get(path)

    assert response.status_code == 404
    assert response.json()["error"] == {
        "code": "not_found",
        "message": "There is nothing at this address; /api/docs lists those that exist.",
        "where": path,
    }


def test_the_agents_id_may_be_written_in_capitals(client: Client, agent: Agent, token: str) -> None:
    url = f"/api/v1/agents/{str(agent.id).upper()}/users"

    assert ask(client, "GET", url, f"bearer {token}").status_code == 200


def test_a_keys_last_use_is_recorded_once_a_minute(
    agent: Agent,
    token: str,
    get: Callable[..., Any],
    django_assert_num_queries: Callable[..., Any],
) -> None:
    assert ApiKey.objects.get(agent=agent).last_used_at is None

    get("/users/web:1")
    noted = ApiKey.objects.get(agent=agent).last_used_at
    assert noted is not None
    with django_assert_num_queries(2):  # the key and the user, no update
        get("/users/web:1")
    assert ApiKey.objects.get(agent=agent).last_used_at == noted

    long_ago = timezone.now() - dt.timedelta(minutes=2)
    ApiKey.objects.update(last_used_at=long_ago)
    get("/users/web:1")
    assert ApiKey.objects.filter(last_used_at__gt=long_ago).exists()


def test_a_refused_key_is_not_recorded_as_used(client: Client, agent: Agent, address: str) -> None:
    key, token = make_key(agent, "ingest")

    ask(client, "GET", address + "/users", f"Bearer {token}")

    key.refresh_from_db()
    assert key.last_used_at is None
