"""The response to a reported event, and what is in the ledger afterwards."""

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError

from frontdesk.agents.models import Agent
from frontdesk.api import reporting
from frontdesk.ledger.models import EndUser, Message
from tests.factories import make_api_event

Post = Callable[..., Any]


def statuses(response: Any) -> list[str]:
    return [result["status"] for result in response.json()["results"]]


def test_one_event_as_an_object(post: Post, agent: Agent) -> None:
    response = post(make_api_event(messageId="a1", name="Ada"))

    assert response.status_code == 200
    assert response.json() == {
        "results": [{"status": "recorded", "reason": None, "messageId": "a1"}],
        "recorded": 1,
        "duplicates": 0,
        "conflicts": 0,
        "rejected": 0,
    }
    user = EndUser.objects.get(agent=agent)
    assert (user.name, user.total_messages_sent) == ("Ada", 1)


def test_an_array_and_an_array_in_an_object_are_the_same(post: Post, agent: Agent) -> None:
    events = [make_api_event(), make_api_event(role="agent")]

    assert statuses(post(events)) == ["recorded", "recorded"]
    assert statuses(post({"events": events})) == ["duplicate", "duplicate"]
    assert EndUser.objects.get(agent=agent).total_chat_messages == 2


@pytest.mark.parametrize(
    "content_type", ["application/x-ndjson", "application/jsonl", "application/ndjson"]
)
def test_each_line_of_ndjson_that_is_not_blank_is_an_event(post: Post, content_type: str) -> None:
    lines = [json.dumps(make_api_event()), "", "{broken", json.dumps(make_api_event()) + "\r", "  "]

    response = post("\n".join(lines).encode(), content_type)

    assert statuses(response) == ["recorded", "rejected", "recorded"]
    assert response.json()["results"][1]["reason"].startswith("not JSON")


def test_a_bad_event_does_not_affect_its_batch(post: Post, agent: Agent) -> None:
    response = post(
        [
            make_api_event(),
            make_api_event(role="robot"),
            make_api_event(messageId=None),
            make_api_event(messageId="late", time="2999-01-01T00:00:00Z"),
            {"surprise": 1},
            17,
            make_api_event(),
        ]
    )

    assert response.status_code == 200
    body = response.json()
    assert statuses(response) == ["recorded", *["rejected"] * 5, "recorded"]
    assert (body["recorded"], body["rejected"]) == (2, 5)
    assert "role" in body["results"][1]["reason"]
    assert "messageId is missing" in body["results"][2]["reason"]
    assert body["results"][3]["messageId"] == "late"
    assert "surprise" in body["results"][4]["reason"]
    assert EndUser.objects.get(agent=agent).total_messages_sent == 2


def test_the_same_id_again_is_a_duplicate_and_with_other_contents_a_conflict(
    post: Post, agent: Agent
) -> None:
    first = make_api_event(messageId="m", text="one")

    response = post([first, first, {**first, "text": "two"}])

    assert statuses(response) == ["recorded", "duplicate", "conflict"]
    assert response.json()["results"][2]["reason"]
    assert Message.objects.get().text == "one"


def test_a_request_with_only_bad_events_is_answered_per_event(post: Post) -> None:
    response = post([make_api_event(role="robot")])

    assert (response.status_code, response.json()["rejected"]) == (200, 1)


def test_a_thousand_events_are_accepted_and_one_more_is_too_many(post: Post, agent: Agent) -> None:
    events = [make_api_event(externalId=str(i % 50)) for i in range(1001)]

    too_many = post(events)
    assert too_many.status_code == 413
    assert too_many.json()["error"]["code"] == "too_many_events"
    assert not EndUser.objects.filter(agent=agent).exists()

    lines = "\n".join(map(json.dumps, events))
    assert post(lines.encode(), "application/x-ndjson").status_code == 413
    assert post(events[:1000]).json()["recorded"] == 1000


def test_a_database_failure_is_503_with_a_time_to_retry(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = mock.Mock(side_effect=OperationalError("the disk is full"))
    monkeypatch.setattr(reporting, "record_together", failing)

    response = post(make_api_event())

    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()
    assert response.json()["error"]["code"] == "unavailable"
    assert "disk" not in response.content.decode()


def test_an_unexpected_error_is_500_in_json_and_is_logged(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reporting, "record_together", mock.Mock(side_effect=KeyError("secret")))

    response = post(make_api_event())

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "server_error"
    assert "secret" not in response.content.decode()
    assert "KeyError" in caplog.text


def test_an_agent_that_was_deleted_meanwhile_is_not_found(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "record_together", mock.Mock(side_effect=Agent.DoesNotExist()))

    assert post(make_api_event()).status_code == 404
