"""What the page shows of the visitor's messages."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.channels.models import Answering
from frontdesk.channels.web.channel import PLATFORM
from frontdesk.ledger.events import user_id
from tests.channels.web.chatting import Data, Visitor, open_chat
from tests.channels.web.test_pages import external_id_of
from tests.factories import make_event, record_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(agent: Agent) -> Visitor:
    open_chat(agent)
    visitor = Visitor(agent)
    visitor.arrive()
    return visitor


def record_message(visitor: Visitor, minutes: float, text: str, **fields: object) -> None:
    own = {"platform": PLATFORM, "external_id": external_id_of(visitor), "text": text}
    record_events(visitor.agent, make_event(minutes, **{**own, **fields}))


def texts(visitor: Visitor, path: str = "messages") -> list[str]:
    return [line["text"] for line in visitor.get(path).json()["messages"]]


def test_it_has_pages_with_the_newest_message_last(visitor: Visitor) -> None:
    for n in range(100):
        record_message(visitor, n // 2, f"{n:03}", role="agent" if n % 2 else "user")
    found: list[Data] = []
    pages = 0
    path = "messages"
    while True:
        page = visitor.get(path).json()
        found = page["messages"] + found
        pages += 1
        if not page["more"]:
            break
        path = f"messages?before={page['messages'][0]['id']}"
    assert pages == 3
    assert len({line["id"] for line in found}) == 100
    assert [line["time"] for line in found] == sorted(line["time"] for line in found)


def test_only_the_visitors_own_correspondence_is_in_it(visitor: Visitor, agent: Agent) -> None:
    record_message(visitor, 0, "One", new_session=True)
    record_message(visitor, 1, "", role="system")
    record_message(visitor, 2, "a tool", role="tool")
    record_message(visitor, 3, "reported elsewhere", session_id="s")
    record_message(visitor, 4, "in a group", chat="g")
    record_events(
        agent, make_event(5, platform=PLATFORM, external_id="another", text="someone else's")
    )
    (line,) = visitor.get("messages").json()["messages"]
    assert (line["text"], line["role"], line["newSession"]) == ("One", "user", True)


def test_the_last_failed_attempt_is_shown_without_the_operators_error(
    visitor: Visitor,
) -> None:
    failed = {"role": "agent", "failed": True, "error": "429 of the provider"}
    record_message(visitor, 0, "Question")
    record_message(visitor, 1, "First", **failed)
    record_message(visitor, 2, "Second", **failed)
    assert texts(visitor) == ["Question", "Second"]
    assert visitor.get("messages").json()["messages"][1]["failed"] is True
    assert "provider" not in visitor.get("messages").content.decode()
    record_message(visitor, 3, "Third", role="agent")
    assert texts(visitor) == ["Question", "Third"]


def test_an_answer_in_progress_is_reported(visitor: Visitor) -> None:
    record_message(visitor, 0, "Question")
    assert visitor.get("messages").json()["pending"] is None
    key, now = uuid.uuid4(), timezone.now()
    user = user_id(visitor.agent.id, PLATFORM, external_id_of(visitor))
    for message, seconds in ((key, 20), (uuid.uuid4(), -1)):
        until = now + dt.timedelta(seconds=seconds)
        Answering.objects.create(
            end_user_id=user, message_id=message, owner=uuid.uuid4(), until=until
        )
    assert visitor.get("messages").json()["pending"] == str(key)
