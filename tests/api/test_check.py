"""`POST …/check`: the gate's verdict for agents that answer elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.gate import blocks
from frontdesk.gate.models import RefusedDay, Reservation
from frontdesk.ledger.models import EndUser
from tests.factories import (
    make_api_event,
    make_invitee,
    make_key,
    make_plan,
    make_user,
    set_agent_limits,
)

ASKING, RESERVING = 8, 13
"""Statements for a check, key and all, with every kind of limit set."""

Check = Callable[..., Any]


@pytest.fixture
def check(client: Client, token: str, address: str) -> Check:
    """Checks a message of telegram:1001; fields win, None leaves out."""

    def check(**fields: Any) -> Any:
        body = {"platform": "telegram", "externalId": "1001", **fields}
        sent = {name: value for name, value in body.items() if value is not None}
        headers = {"Authorization": f"Bearer {token}"}
        return client.post(
            f"{address}/check", sent, content_type="application/json", headers=headers
        )

    return check


def test_an_admitted_message(check: Check) -> None:
    answer = check(messageId="m1", text="Hello")

    assert answer.status_code == 200
    assert answer.json() == {
        "admitted": True,
        "reason": None,
        "text": None,
        "retryAt": None,
        "retryAfter": None,
        "limit": None,
        "usage": [],
    }
    assert not EndUser.objects.exists()


def test_a_refused_message_says_why_and_until_when(agent: Agent, check: Check) -> None:
    set_agent_limits(agent, messages_per_day=1, longest_message=4)
    make_plan(agent, "pro", limits={"messages_per_month": 1})
    make_user(agent, "Ada", external_id="1001", time=timezone.now(), plan="pro", language="de")

    answer = check(messageId="m1").json()

    assert (answer["admitted"], answer["reason"]) == (False, "messages_per_month")
    assert answer["text"].startswith("Sie haben Ihr Limit vorerst erreicht.")
    assert 0 < answer["retryAfter"] <= 31 * 24 * 3600
    assert answer["retryAt"].endswith("T00:00:00Z")
    assert [(u["key"], u["value"], u["used"], u["left"], u["source"]) for u in answer["usage"]] == [
        ("messages_per_day", 1, 1, 0, "agent"),
        ("messages_per_month", 1, 1, 0, "plan"),
        ("longest_message", 4, 0, None, "agent"),
    ]
    assert answer["limit"] == answer["usage"][1]
    assert answer["limit"]["plan"] == "Pro"
    assert RefusedDay.objects.get().refused == 1


def test_a_permanent_block_has_no_end(agent: Agent, check: Check) -> None:
    ada = make_user(agent, "Ada", external_id="1001")
    blocks.block(agent, [ada.id], "spam", None, "", "No more.", "olivia")

    answer = check().json()
    assert (answer["reason"], answer["text"]) == ("blocked", "No more.")
    assert answer["retryAt"] is answer["retryAfter"] is answer["limit"] is None


def test_a_verified_user_is_admitted(agent: Agent, check: Check) -> None:
    agent.access = Agent.Access.INVITED
    agent.save()
    make_invitee(agent, "email", "ada@example.com")

    assert check(platform="web", email="ada@example.com").json()["reason"] == "not_invited"
    assert check(platform="web", email="ada@example.com", verified=True).json()["admitted"]


def test_reservations_are_used_up_by_the_reports(
    agent: Agent, check: Check, post: Callable[..., Any]
) -> None:
    set_agent_limits(agent, messages_per_day=2)

    first, again, second, third = (
        check(messageId=name, reserve=True).json()["admitted"] for name in ("a", "a", "b", "c")
    )
    assert (first, again, second, third) == (True, True, True, False)
    assert Reservation.objects.count() == 2
    now = timezone.now().isoformat()
    reported = post([make_api_event(messageId=name, time=now) for name in ("a", "b")]).json()
    assert reported["recorded"] == 2
    assert not check(messageId="c").json()["admitted"]
    assert check(messageId="a").json()["admitted"]


@pytest.mark.parametrize(
    ("fields", "where", "message"),
    [
        ({"externalID": "1"}, "externalID", "did you mean externalId?"),
        ({"externalId": None}, "externalId", "required"),
        ({"externalId": ""}, "externalId", "length >= 1"),
        ({"platform": "Not a slug"}, "platform", "matching regex"),
        ({"externalId": "\u0007"}, "externalId", "control characters"),
        ({"text": 1}, "text", "expected `str`"),
        ({"email": "nobody"}, "email", "is not an e-mail address"),
        ({"language": "?"}, "language", "is not a language tag"),
        ({"reserve": True}, "messageId", "is missing"),
        ({"sessionId": "s", "newSession": True}, "newSession", "has no meaning"),
        ({"text": "x" * 100_001}, "text", "length <= 100000"),
    ],
)
def test_an_invalid_message_is_refused_with_its_field(
    check: Check, fields: dict[str, Any], where: str, message: str
) -> None:
    answer = check(**fields)

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], error["where"]) == ("invalid_field", where)
    assert message in error["message"]
    assert error["message"].startswith(f"{where}: ")


def test_it_needs_the_scope_ingest(agent: Agent, client: Client, address: str) -> None:
    _, token = make_key(agent, "read", "manage", name="reader")
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post(f"{address}/check", {}, content_type="application/json", headers=headers)

    assert answer.status_code == 403


def test_it_takes_few_statements(agent: Agent, check: Check) -> None:
    set_agent_limits(
        agent, messages_per_minute=9, messages_per_day=9, sessions_per_day=9, cost_per_month=10**6
    )
    make_user(agent, "Ada", external_id="1001", time=timezone.now())
    check()  # the key's use is recorded once a minute
    with CaptureQueriesContext(connection) as plain:
        assert check(messageId="m1").json()["admitted"]
    with CaptureQueriesContext(connection) as reserving:
        assert check(messageId="m1", reserve=True).json()["admitted"]

    assert len(plain) <= ASKING, "\n".join(query["sql"] for query in plain.captured_queries)
    assert len(reserving) <= RESERVING, "\n".join(q["sql"] for q in reserving.captured_queries)
