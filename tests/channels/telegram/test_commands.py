"""The commands that the channel itself answers: /start, /new, /usage, /help, /link."""

import uuid
from typing import Any

import pytest
from django.utils.timezone import now

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.channels.conversation import record_answer
from frontdesk.channels.outbox import key_of
from frontdesk.channels.telegram import inbox
from frontdesk.channels.telegram.drafts import Features
from frontdesk.channels.telegram.inbox import OUTBOX
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.channels.telegram.replies import TelegramReplies
from frontdesk.channels.telegram.updates import Me
from frontdesk.gate import blocks
from frontdesk.gate.models import RefusedTotal
from frontdesk.ledger.linking import identities, issue_token
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.record import record
from tests.factories import make_backend, make_event, make_user, make_web_chat
from tests.fakes.telegram import person

pytestmark = pytest.mark.django_db

BOT = uuid.uuid4()


class Talk:
    """Writes to a bot of the agent, and reads the replies that are queued."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.number = 0
        self.replies = TelegramReplies(Features(rich_messages=False))

    def say(self, text: str, *, ahead: int = 0, **sender: Any) -> list[str]:
        self.number += 1
        raw = {
            "update_id": self.number,
            "message": {
                "message_id": self.number,
                "date": int(now().timestamp()) + ahead,
                "from": {**person(1001), **sender},
                "chat": {"id": 1001, "type": "private"},
                "text": text,
            },
        }
        inbox.store(self.agent.id, BOT, Me(4711, "ada_bot"), [raw])
        row = TelegramUpdate.objects.get(number=self.number)
        key = key_of(row)
        self.replies.begin(self.agent, row)
        texts = []
        while (found := OUTBOX.next_part(self.agent, key)) is not None:
            texts.append(found[1].text)
            OUTBOX.part_is_sent(key, found[0])
        OUTBOX.finish(self.agent, key)
        return texts


@pytest.fixture
def talk(agent: Agent) -> Talk:
    make_backend(agent)
    return Talk(agent)


def users(agent: Agent) -> "list[EndUser]":
    return list(EndUser.objects.filter(agent=agent))


def test_start_greets_without_the_backend_and_is_recorded(agent: Agent, talk: Talk) -> None:
    make_web_chat(agent, is_on=False, greeting="Welcome to **Ada**.")
    assert [text.strip() for text in talk.say("/start spring")] == [
        "AI assistant\n\nWelcome to Ada."
    ]
    (user,) = users(agent)
    assert user.attributes == {"premium": False, "start": "spring"}
    said = Message.objects.filter(end_user_id=user.id).order_by("role")
    assert [(m.role, m.text) for m in said] == [
        ("agent", "AI assistant\n\nWelcome to **Ada**."),
        ("user", "/start spring"),
    ]


def test_start_with_a_link_token_joins_both_into_one_person(agent: Agent, talk: Talk) -> None:
    maya = make_user(agent, "Maya", platform="web")
    token = issue_token(maya)
    (linked,) = talk.say(f"/start {token}")
    assert linked.startswith("Done: your chats are linked")
    maya.refresh_from_db()
    assert {user.platform for user in identities(maya)} == {"web", "telegram"}
    assert token not in str(Message.objects.values_list())
    (again,) = talk.say(f"/start {token}")
    assert again.startswith("This link is not valid any more.")


def test_new_starts_a_conversation_and_is_not_a_message_of_the_user(
    agent: Agent, talk: Talk
) -> None:
    talk.say("/new")
    (user,) = users(agent)
    assert (user.total_messages_sent, user.total_chat_messages) == (0, 0)
    assert Message.objects.get(end_user_id=user.id).new_session


def test_usage_works_when_over_a_limit_and_counts_nothing(agent: Agent, talk: Talk) -> None:
    agent.limits = {"messages_per_day": 1}
    agent.save()
    assert talk.say("/usage") == ["What you have used\nMessages today: 0 of 1"]
    assert users(agent) == []
    talk.say("/start")
    assert talk.say("Hello") != []  # refused
    (reply,) = talk.say("/usage")
    assert reply.startswith("What you have used\nMessages today: 1 of 1, again in ")
    assert RefusedTotal.objects.get().refused == 1


def test_commands_of_blocked_people_get_the_blocks_text(agent: Agent, talk: Talk) -> None:
    talk.say("/start")
    blocks.block(agent, [users(agent)[0].id], "spam", None, "", "No more.", "olivia")
    assert talk.say("/usage") == ["No more."]


def test_privacy_is_answered_from_the_settings_whoever_asks(agent: Agent, talk: Talk) -> None:
    talk.say("/start")
    blocks.block(agent, [users(agent)[0].id], "spam", None, "", "No more.", "olivia")
    agent.privacy_contact = "privacy@acme.example"
    agent.save()
    (reply,) = talk.say("/privacy")
    assert reply.startswith("AI assistant\n\nWhat is kept: your messages")
    assert reply.endswith("write to: privacy@acme.example")
    assert Message.objects.filter(text__contains="privacy").count() == 0


def test_link_leads_to_the_web_chat_once_it_is_on(agent: Agent, talk: Talk, settings: Any) -> None:
    assert talk.say("/link") == ["There is no web chat to link with."]
    assert "/link" not in talk.say("/help")[0]
    make_web_chat(agent)
    settings.ENV = settings.ENV.model_copy(update={"public_url": "https://desk.example"})
    assert "/link connects this chat" in talk.say("/help")[0]
    (reply,) = talk.say("/link")
    assert f"https://desk.example/chat/{agent.id}?link=link_" in reply
    assert users(agent)[0].total_chat_messages == 0


def test_texts_are_in_the_persons_language_or_the_agents(agent: Agent, talk: Talk) -> None:
    english = talk.say("/help")
    assert english == talk.say("/help", language_code="tlh")


def test_a_message_imported_with_its_answer_is_not_answered_again(agent: Agent, talk: Talk) -> None:
    event = make_event(external_id="1001", message_id="1001:1", time=now(), text="Hello")
    record(agent, [event])
    record_answer(agent, event, Answer(text="Hi"))
    assert talk.say("Hello") == []
    assert TelegramUpdate.objects.get().state == "done"


def test_who_writes_by_a_clock_far_ahead_of_ours_is_answered(agent: Agent, talk: Talk) -> None:
    (greeting,) = talk.say("/start", ahead=600)
    assert "/new begins a new dialogue" in greeting
    assert Message.objects.filter(role="user").count() == 1
