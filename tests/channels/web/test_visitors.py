"""Who a visitor is: anonymous by a token, or identified by what the operator's site signed."""

import json
import time
import uuid
from typing import Any

import jwt
import pytest
from django.test import override_settings

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.channels.web import actions, visitors
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.visitors import Visitor as Who
from frontdesk.ledger.models import EndUser
from tests.channels.web.chatting import Visitor, open_chat, sign
from tests.factories import make_agent

pytestmark = pytest.mark.django_db
MAYA = json.dumps({"id": "42", "name": "Maya", "email": "maya@example.com", "plan": "pro"})


@pytest.fixture
def chat(agent: Agent) -> WebChat:
    return open_chat(agent)


@pytest.fixture
def secret(agent: Agent, chat: WebChat) -> str:
    secret = actions.make_secret(SYSTEM, agent)
    chat.refresh_from_db()
    return secret


@pytest.fixture
def visitor(agent: Agent, chat: WebChat) -> Visitor:
    return Visitor(agent)


def who(chat: WebChat, visitor: Visitor) -> Who:
    found = visitors.read_token(chat, visitor.token)
    assert found
    return found


def make_jwt(secret: str, **claims: Any) -> str:
    return jwt.encode({"sub": "42", "exp": time.time() + 60, **claims}, secret, algorithm="HS256")


def refusal(visitor: Visitor, **body: Any) -> str:
    response = visitor.post("visitor", body)
    assert response.status_code == 403, response.content
    message: str = response.json()["error"]["message"]
    return message


def test_an_anonymous_visitor_stays_the_same_and_their_token_is_renewed(
    visitor: Visitor, chat: WebChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = visitor.arrive()
    before = who(chat, visitor)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 399 * 24 * 3600)
    second = visitor.arrive()

    assert first["visitor"] == second["visitor"]
    assert first["visitor"]["verified"] is False
    assert before.external_id == who(chat, visitor).external_id
    assert before.external_id.startswith("visitor-")
    assert who(chat, visitor).expires > before.expires + 300 * 24 * 3600


def test_a_token_that_is_expired_changed_or_of_another_agent_is_refused(
    visitor: Visitor, agent: Agent, chat: WebChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.arrive()
    good = visitor.token
    other = make_agent("Other")
    open_chat(other)
    assert Visitor(other, token=good).get("usage").status_code == 401
    for bad in ("", "x", f"{good}x", f"x{good}", good.replace(":", ".", 1), "é", "a:b:c"):
        visitor.token = bad
        assert visitor.get("usage").status_code == 401, bad
    visitor.token = good
    assert visitor.get("usage").status_code == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 401 * 24 * 3600)
    assert visitor.get("usage").status_code == 401
    assert visitor.arrive()["visitor"]["verified"] is False


def test_a_signed_visitor_is_verified_for_a_day(
    visitor: Visitor, chat: WebChat, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = visitor.arrive(user=MAYA, signature=sign(MAYA, secret))
    assert data["visitor"]["verified"] is True
    assert data["visitor"]["name"] == "Maya"
    found = who(chat, visitor)
    assert (found.external_id, found.email, found.plan) == ("42", "maya@example.com", "pro")
    assert visitor.arrive()["visitor"] == data["visitor"]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 25 * 3600)
    assert visitors.read_token(chat, visitor.token) is None


def test_a_jwt_does_the_same(visitor: Visitor, chat: WebChat, secret: str) -> None:
    token = make_jwt(secret, name="Maya", attributes={"seats": 3}, iss="shop", aud="anyone")
    assert visitor.arrive(jwt=token)["visitor"]["verified"] is True
    assert who(chat, visitor).attributes == {"seats": 3}
    assert who(chat, visitor).external_id == "42"


def test_a_wrong_signature_is_refused_with_the_reason(visitor: Visitor, secret: str) -> None:
    assert "signature" in refusal(visitor, user=MAYA, signature=sign(MAYA, "another"))
    assert "signature" in refusal(visitor, user=MAYA + " ", signature=sign(MAYA, secret))
    assert "signature" in refusal(visitor, user=MAYA)
    assert "signature" in refusal(visitor, user=MAYA, signature="ünsigned")
    bad = {"{": "user", "[]": "user", '{"id": 42}': "id", '{"id": "1", "admin": true}': "admin"}
    old = json.dumps({"id": "42", "expires": 1})
    for text, problem in {
        **bad,
        old: "expired",
        '{"id": ""}': "id",
        '{"id": "a\\n"}': "id",
    }.items():
        assert problem in refusal(visitor, user=text, signature=sign(text, secret)), text
    wrong = '{"id": "1", "email": "nobody"}'
    assert "email" in refusal(visitor, user=wrong, signature=sign(wrong, secret))
    long = json.dumps({"id": "1", "attributes": {"x": "y" * 5000}})
    assert "longer" in refusal(visitor, user=long, signature=sign(long, secret))


def test_a_jwt_that_is_forged_or_expired_is_refused(visitor: Visitor, secret: str) -> None:
    unsigned = jwt.encode({"sub": "42", "exp": time.time() + 60}, "", algorithm="none")
    other_algorithm = jwt.encode({"sub": "42", "exp": time.time() + 60}, secret * 2, "HS512")
    for token in (
        unsigned,
        other_algorithm,
        make_jwt("another secret that is long enough for it"),
        make_jwt(secret, exp=time.time() - 60),
        make_jwt(secret, sub=42),
        make_jwt(secret, name=[1]),
        jwt.encode({"sub": "42"}, secret, algorithm="HS256"),
        jwt.encode({"exp": time.time() + 60}, secret, algorithm="HS256"),
        "a.b.c",
        "",
        "é" * 10,
        "x" * 5000,
    ):
        assert refusal(visitor, jwt=token).startswith(("jwt:", "user:")), token


def test_without_a_secret_no_one_is_identified(visitor: Visitor) -> None:
    assert "no secret" in refusal(visitor, user=MAYA, signature=sign(MAYA, ""))
    assert "no secret" in refusal(visitor, jwt=make_jwt("x" * 32))


def test_a_secret_of_another_installation_is_reported_and_breaks_nothing(
    visitor: Visitor, secret: str
) -> None:
    with override_settings(SECRET_KEY="another"):
        assert "another secret key" in refusal(visitor, user=MAYA, signature=sign(MAYA, secret))


def test_a_new_secret_invalidates_earlier_signatures(
    visitor: Visitor, agent: Agent, secret: str
) -> None:
    visitor.arrive(user=MAYA, signature=sign(MAYA, secret))
    actions.make_secret(SYSTEM, agent)
    assert visitor.get("usage").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 422),
        ('{"token": 1}', 422),
        ('{"unknown": 1}', 422),
        (b"\xff", 400),
        ('{"page": "' + "x" * 2**20 + '"}', 413),
        ("[" * 100_000, 422),
    ],
)
def test_a_body_of_another_shape_is_refused_with_the_reason(
    visitor: Visitor, body: str | bytes, status: int
) -> None:
    response = visitor.post("visitor", body)
    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_only_a_body_marked_as_json_is_read(visitor: Visitor) -> None:
    """A form on another site cannot send that without the browser's asking us first."""
    answer = visitor.client.post(f"/chat/{visitor.agent.id}/visitor", {"token": ""})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.example/a/b?token=1#x", "https://shop.example/a/b"),
        ("https://maya:pw@shop.example:8443/", "https://shop.example:8443/"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://[", ""),
        ("https://a.example/\x00", ""),
        ("https://a.example/" + "x" * 600, ""),
    ],
)
def test_only_safe_parts_of_the_pages_address_are_stored(url: str, kept: str) -> None:
    assert visitors.clean_page(url) == kept


@pytest.mark.django_db(transaction=True)
def test_signed_fields_become_the_users_profile(
    visitor: Visitor, agent: Agent, secret: str
) -> None:
    agent.access = Agent.Access.VERIFIED
    agent.save()
    visitor.arrive(
        user=MAYA,
        signature=sign(MAYA, secret),
        page="https://shop.example/cart?x",
        language="pt-BR",
    )
    assert visitor.send()[0][0] == "accepted"
    user = EndUser.objects.get()
    assert (user.external_id, user.name, user.email) == ("42", "Maya", "maya@example.com")
    assert (user.subscription, user.language) == ("pro", "pt-br")
    assert user.attributes == {"page": "https://shop.example/cart"}


def test_visitors_cannot_state_their_own_identity(visitor: Visitor) -> None:
    visitor.arrive()
    message = {"id": str(uuid.uuid4()), "text": "Hello", "externalId": "42"}
    assert visitor.post("messages", message).status_code == 422
