"""Users without messages: a profile by itself creates or updates its user."""

import datetime as dt
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import NEVER, EndUser, FacetCount
from frontdesk.ledger.record import record
from tests.api.test_managing import MAYA, Send, answer_of, error_of
from tests.factories import NOON, make_event, make_user


def test_a_user_is_created_and_updated_without_a_message(agent: Agent, send: Send) -> None:
    body = {
        "name": "Maya Chen",
        "email": "maya@example.com",
        "tags": ["vip"],
        "attributes": {"seats": 12},
        "time": "2026-10-14T12:00:00Z",
    }
    made = answer_of(send("put", "/users/crm:7/a", body), 201)
    assert (made["name"], made["email"], made["tags"]) == ("Maya Chen", "maya@example.com", ["vip"])
    assert answer_of(send("put", "/users/crm:7/a", body)) == made
    late = answer_of(send("put", "/users/crm:7/a", {"name": "M.", "time": "2026-10-13T12:00:00Z"}))
    assert late["name"] == "Maya Chen"
    changed = answer_of(
        send("put", "/users/crm:7/a", {"name": "Maya", "attributes": {"seats": None}})
    )
    assert (changed["name"], changed["attributes"]) == ("Maya", {})
    user = EndUser.objects.get(agent=agent, platform="crm", external_id="7/a")
    assert (user.total_chat_messages, user.last_message_at) == (0, NEVER)
    assert user.first_seen_at == NOON - dt.timedelta(days=1)  # the earliest report
    counted = FacetCount.objects.filter(agent=agent, facet="tag", value="vip")
    assert counted.get().users == 1
    record(agent, [make_event(platform="crm", external_id="7/a", text="Hello")])
    user.refresh_from_db()
    assert (user.total_chat_messages, user.name, user.last_message_at) == (1, "Maya", NOON)


@pytest.mark.parametrize(
    ("user", "body", "status", "where"),
    [
        ("crm", {}, 404, "user"),
        ("C R M:1", {}, 404, "user"),
        ("crm:1", {"email": "nowhere"}, 422, "email"),
        ("crm:1", {"nam": "x"}, 422, "nam"),
        ("crm:1", {"time": "2030-01-01T00:00:00Z"}, 422, "time"),
    ],
)
def test_a_bad_profile_creates_no_one(
    agent: Agent, send: Send, user: str, body: dict[str, Any], status: int, where: str
) -> None:
    assert error_of(send("put", f"/users/{user}", body))[0::2] == (status, where)
    assert not EndUser.objects.filter(agent=agent).exists()


def test_an_erased_user_is_not_created_again(agent: Agent, send: Send) -> None:
    make_user(agent, "Maya", external_id="maya")
    erase = {"confirm": True, "mayReturn": False}
    assert answer_of(send("post", MAYA + "/erase", erase))["state"] == "done"
    assert error_of(send("put", MAYA, {"name": "Maya"}))[0] == 422
    assert not EndUser.objects.filter(agent=agent).exists()
