"""Actions on users through the API: the same rules as on the pages."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent, Tag
from frontdesk.gate.models import Block
from frontdesk.ledger import erasures
from frontdesk.ledger.models import EndUser, Erasure
from frontdesk.ledger.receipts import verify_receipt
from tests.factories import make_agent, make_conversation, make_plan, make_tag, make_user

Send = Callable[..., Any]
MAYA = "/users/telegram:maya"


@pytest.fixture
def maya(agent: Agent) -> EndUser:
    return make_user(agent, "Maya", attributes={"page": "/pricing"}, tags=["beta"], plan="free")


def answer_of(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json()


def error_of(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["where"]


def test_a_block_is_set_replaced_ended_and_remembered(maya: EndUser, send: Send) -> None:
    until = timezone.now() + dt.timedelta(hours=24)
    first = answer_of(send("post", MAYA + "/block", {"reason": "Spam", "hours": 24}))
    assert first["blocked"]["reason"] == "Spam"
    ends = dt.datetime.fromisoformat(first["blocked"]["until"])
    assert abs(ends - until) < dt.timedelta(minutes=1)

    body = {"reason": "More spam", "note": "Third time", "text": "Sorry, no."}
    second = answer_of(send("post", MAYA + "/block", body))
    assert second["blocked"] == {"reason": "More spam", "until": None}

    for _ in range(2):
        assert answer_of(send("delete", MAYA + "/block"))["blocked"] is None
    newer, older = answer_of(send("get", MAYA + "/blocks"))["blocks"]
    assert (newer["reason"], newer["note"], newer["text"]) == (
        "More spam",
        "Third time",
        "Sorry, no.",
    )
    assert (newer["until"], newer["createdBy"], newer["endedBy"]) == (
        None,
        "API key tests",
        "API key tests",
    )
    assert older["endedAt"] == newer["createdAt"]


def test_a_block_shows_in_the_list_and_on_linked_identities(
    agent: Agent, maya: EndUser, send: Send
) -> None:
    make_user(agent, "Maya Web", platform="web")
    answer_of(send("post", MAYA + "/link", {"other": "web:maya-web"}))
    answer_of(send("post", MAYA + "/block", {"reason": "Spam"}))

    listed = answer_of(send("get", "/users"))["users"]

    assert [user["blocked"]["reason"] for user in listed] == ["Spam", "Spam"]
    assert answer_of(send("delete", "/users/web:maya-web/block"))["blocked"] is None
    assert not Block.objects.filter(ended_at=None).exists()


def test_a_plan_is_assigned_and_removed(agent: Agent, maya: EndUser, send: Send) -> None:
    make_plan(agent, "plus")

    body = {"plan": "plus", "until": "2030-01-01T00:00:00+02:00"}
    user = answer_of(send("put", MAYA + "/plan", body))
    assert (user["plan"], user["subscription"]) == ("free", "plus")
    assert user["planUntil"] == "2029-12-31T22:00:00Z"

    user = answer_of(send("delete", MAYA + "/plan"))
    assert (user["subscription"], user["planUntil"]) == ("free", None)


def test_tags_are_added_and_removed_and_reported_ones_stay(
    agent: Agent, maya: EndUser, send: Send
) -> None:
    answer_of(send("post", MAYA + "/tags", {"add": ["vip", "late payer"]}))
    user = answer_of(send("post", MAYA + "/tags", {"remove": ["late payer", "beta"]}))

    assert (user["tags"], user["assignedTags"]) == (["beta"], ["vip"])
    names = Tag.objects.filter(agent=agent).values_list("name", flat=True)
    assert list(names) == ["late payer", "vip"]


def test_limits_say_where_they_come_from_and_what_is_left(
    agent: Agent, maya: EndUser, send: Send
) -> None:
    Agent.objects.filter(id=agent.id).update(limits={"messages_per_month": 100})
    make_plan(agent, "free", limits={"sessions_per_day": 3})
    make_user(agent, "Maya", time=timezone.now(), model="own", input_tokens=7)

    body = {"limits": {"messages_per_day": 5, "cost_per_day": None}}
    status = answer_of(send("put", MAYA + "/limits", body))

    assert status == answer_of(send("get", MAYA + "/limits"))
    assert status["own"] == body["limits"]
    found = {limit["key"]: limit for limit in status["limits"]}
    assert {key: (one["source"], one["plan"], one["value"]) for key, one in found.items()} == {
        "messages_per_day": ("user", "", 5),
        "messages_per_month": ("agent", "", 100),
        "sessions_per_day": ("plan", "Free", 3),
        "cost_per_day": ("user", "", None),
    }
    day = found["messages_per_day"]
    assert (day["used"], day["left"], day["unpricedMessages"]) == (1, 4, 0)
    assert found["cost_per_day"]["unpricedMessages"] == 1
    assert dt.datetime.fromisoformat(day["resetsAt"]) > timezone.now()
    assert answer_of(send("put", MAYA + "/limits", {"limits": {}}))["own"] == {}


def test_assigned_attributes_are_replaced_and_reported_ones_stay(maya: EndUser, send: Send) -> None:
    answer_of(send("put", MAYA + "/attributes", {"attributes": {"crm": "C-1", "old": 1}}))
    user = answer_of(send("put", MAYA + "/attributes", {"attributes": {"crm": {"id": "C-2"}}}))

    assert user["attributes"] == {"page": "/pricing"}
    assert user["assignedAttributes"] == {"crm": {"id": "C-2"}}


def test_users_are_linked_and_unlinked(agent: Agent, maya: EndUser, send: Send) -> None:
    other = make_user(agent, "Maya Web", platform="web")

    person = answer_of(send("post", MAYA + "/link", {"other": str(other.id)}))
    assert [one["externalId"] for one in person["identities"]] == ["maya", "maya-web"]
    assert answer_of(send("get", MAYA))["personId"] == person["personId"] is not None

    for _ in range(2):
        alone = answer_of(send("delete", MAYA + "/link"))
        assert alone["personId"] is None
        assert [one["name"] for one in alone["identities"]] == ["Maya"]
    assert error_of(send("post", MAYA + "/link", {"other": MAYA[7:]})) == (
        422,
        "invalid_field",
        "other",
    )
    assert error_of(send("post", MAYA + "/link", {"other": "web:nobody"}))[0::2] == (404, "other")


def test_an_erasure_answers_with_its_signed_receipt(
    agent: Agent, maya: EndUser, send: Send
) -> None:
    done = answer_of(send("post", MAYA + "/erase", {"confirm": True, "mayReturn": True}))

    assert (done["kind"], done["state"], done["requestedBy"]) == ("erase", "done", "API key tests")
    assert sum(done["rows"].values()) == done["total"] > 0
    assert answer_of(send("get", f"/erasures/{done['id']}")) == done
    receipt = verify_receipt(json.dumps(done["receipt"]).encode())
    assert receipt["tables"] == done["rows"]
    assert send("get", MAYA).status_code == 404
    assert not EndUser.objects.filter(agent=agent).exists()


def test_a_large_erasure_is_202_until_it_is_done(
    agent: Agent, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "INLINE", 5)
    make_conversation(agent, 10)

    started = answer_of(send("post", "/users/telegram:1001/erase", {"confirm": True}), 202)

    assert (started["state"], started["receipt"]) == ("running", None)
    assert answer_of(send("get", f"/erasures/{started['id']}"))["kind"] == "erase"


@pytest.mark.parametrize("keep_texts", [True, False])
def test_an_anonymized_user_cannot_be_identified(
    agent: Agent, maya: EndUser, send: Send, keep_texts: bool
) -> None:
    body = {"confirm": True, "keepTexts": keep_texts}
    assert answer_of(send("post", MAYA + "/anonymise", body))["kind"] == "anonymise"

    (user,) = answer_of(send("get", "/users"))["users"]
    (message,) = answer_of(send("get", f"/users/{user['id']}/messages"))["messages"]
    assert user["totalMessagesSent"] == 1
    assert "maya" not in json.dumps(user).lower()
    assert message["text"] == ("Hello" if keep_texts else "")
    assert message["blanked"] is not keep_texts


@pytest.mark.parametrize("act", ["erase", "anonymise"])
@pytest.mark.parametrize("confirm", [{}, {"confirm": False}, {"confirm": "yes"}, {"confirm": 1}])
def test_nothing_is_destroyed_unconfirmed(
    maya: EndUser, send: Send, act: str, confirm: dict[str, Any]
) -> None:
    body: dict[str, Any] = {"keepTexts": True} if act == "anonymise" else {}

    assert error_of(send("post", f"{MAYA}/{act}", {**body, **confirm})) == (
        422,
        "invalid_field",
        "confirm",
    )
    assert not Erasure.objects.exists()


BAD = [
    ("post", "/block", {}, "reason"),
    ("post", "/block", {"reason": ""}, "reason"),
    ("post", "/block", {"reason": 1}, "reason"),
    ("post", "/block", {"reason": "x", "until": "2020-01-01T00:00:00Z"}, "until"),
    ("post", "/block", {"reason": "x", "until": "2030-01-01T00:00:00"}, "until"),
    ("post", "/block", {"reason": "x", "until": "9999-12-31T23:59:59-23:00"}, "until"),
    ("post", "/block", {"reason": "x", "until": "0001-01-01T00:00:00+23:00"}, "until"),
    ("post", "/block", {"reason": "x", "until": "soon"}, "until"),
    ("post", "/block", {"reason": "x", "hours": 0}, "hours"),
    ("post", "/block", {"reason": "x", "hours": 1e300}, "hours"),
    ("post", "/block", {"reason": "x", "hours": 1, "until": "2030-01-01T00:00:00Z"}, "hours"),
    ("post", "/block", {"reason": "x", "text": "y" * 1001}, "text"),
    ("put", "/plan", {"plan": "none such"}, "plan"),
    ("put", "/plan", {"plan": ""}, "plan"),
    ("post", "/tags", {"add": ["x" * 51]}, "add"),
    ("post", "/tags", {"add": "vip"}, "add"),
    ("post", "/tags", {"add": ["vip", 3]}, "add[1]"),
    ("put", "/limits", {"limits": {"messages_per_week": 1}}, "limits"),
    ("put", "/limits", {"limits": {"messages_per_day": True}}, "limits"),
    ("put", "/limits", {"limits": []}, "limits"),
    ("put", "/limits", {}, "limits"),
    ("put", "/attributes", {"attributes": {"a": "x" * 9000}}, "attributes"),
    ("put", "/attributes", {"attributes": []}, "attributes"),
    ("post", "/anonymise", {"confirm": True}, "keepTexts"),
    ("post", "/link", {"other": None}, "other"),
]


@pytest.mark.parametrize(("method", "path", "body", "where"), BAD)
def test_a_bad_body_is_422_and_says_where(
    maya: EndUser, send: Send, method: str, path: str, body: Any, where: str
) -> None:
    assert error_of(send(method, MAYA + path, body)) == (422, "invalid_field", where)


def test_an_unknown_field_is_refused_with_a_hint(maya: EndUser, send: Send) -> None:
    response = send("post", MAYA + "/block", {"reason": "x", "untill": None})

    assert error_of(response) == (422, "invalid_field", "untill")
    assert "did you mean until?" in response.json()["error"]["message"]
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b" ", 400, "bad_json"),
        (b"\xff", 400, "bad_json"),
        (b'{"attributes":{"a":' + b"[" * 100_000, 400, "bad_json"),
        (b"[]", 422, "wrong_shape"),
        (b"1", 422, "wrong_shape"),
        (b'{"reason": "' + b"x" * 2**20 + b'"}', 413, "too_large"),
    ],
)
def test_a_body_that_is_not_an_object_is_refused(
    maya: EndUser, send: Send, body: bytes, status: int, code: str
) -> None:
    assert error_of(send("put", MAYA + "/attributes", body))[:2] == (status, code)


def test_a_user_or_erasure_of_another_agent_is_404(send: Send) -> None:
    other = make_agent("Other")
    stranger = make_user(other, "Maya")
    erasure = Erasure.objects.create(agent=other, kind="erase", digest="", requested_by="x")

    asked: list[tuple[str, str, Any]] = [
        ("post", "/block", {"reason": "x"}),
        ("get", "/blocks", None),
        ("put", "/limits", {"limits": {}}),
        ("post", "/erase", {"confirm": True}),
        ("get", "/data.zip", None),
    ]
    for method, path, body in asked:
        assert error_of(send(method, f"/users/{stranger.id}{path}", body))[0::2] == (404, "user")
    for id_ in (erasure.id, "x", "0"):
        assert error_of(send("get", f"/erasures/{id_}"))[0::2] == (404, "erasure")
    assert not Block.objects.exists()


def test_plans_and_tags_are_listed_with_their_users(
    agent: Agent, maya: EndUser, send: Send
) -> None:
    make_plan(agent, "free", limits={"messages_per_day": 5})
    make_tag(agent, "beta", color="teal")
    make_tag(agent, "vip")

    assert answer_of(send("get", "/plans"))["plans"] == [
        {
            "key": "free",
            "name": "Free",
            "colour": "grey",
            "price": "",
            "limits": {"messages_per_day": 5},
            "users": 1,
        }
    ]
    assert answer_of(send("get", "/tags"))["tags"] == [
        {"name": "beta", "colour": "teal", "users": 1},
        {"name": "vip", "colour": "grey", "users": 0},
    ]


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def test_users_that_match_the_filters_are_exported(agent: Agent, maya: EndUser, send: Send) -> None:
    make_user(agent, "Zoë", minutes=5, platform="web")

    file = send("get", "/users/export?format=jsonl&sort=name")
    lines = [json.loads(line) for line in content(file).splitlines()]
    assert [(line["name"], line["externalId"]) for line in lines] == [
        ("Maya", "maya"),
        ("Zoë", "zoë"),
    ]
    assert lines[0]["lastMessage"] == "2026-10-14T12:00:00.000000+00:00"
    assert file.headers["Content-Type"].startswith("application/jsonl")
    assert ".jsonl" in file.headers["Content-Disposition"]

    table = content(send("get", "/users/export?platform=web&column=name")).decode("utf-8-sig")
    assert "Zoë" in table
    assert "Maya" not in table


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("format=pdf", "format"),
        ("column=secret", "column"),
        ("page=2", "page"),
        ("sort=colour", "sort"),
        ("platfrom=web", "platfrom"),
    ],
)
def test_a_bad_export_is_422_before_anything_is_sent(send: Send, query: str, where: str) -> None:
    response = send("get", f"/users/export?{query}")

    assert error_of(response) == (422, "invalid_parameter", where)


def test_one_persons_data_is_a_zip(maya: EndUser, send: Send) -> None:
    response = send("get", MAYA + "/data.zip")

    names = zipfile.ZipFile(io.BytesIO(content(response))).namelist()
    for name in ("profile.json", "sessions.json", "messages.json", "index.html"):
        assert any(found.endswith(name) for found in names), names
    assert response.headers["Content-Type"] == "application/zip"
