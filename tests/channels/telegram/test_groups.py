"""A group that becomes a supergroup gets a new id, and stays the same dialogue."""

import time

import pytest

from frontdesk.agents.models import Agent
from frontdesk.backends.question import Question
from frontdesk.channels.telegram.models import MigratedGroup, TelegramBot
from frontdesk.ledger.models import Message
from frontdesk.ledger.recount import check
from tests.channels.telegram.test_talking import Run, all_done, messages
from tests.fakes.telegram import Telegram, refusal

pytestmark = pytest.mark.django_db(transaction=True)

OLD = {"id": -500, "type": "group", "title": "Team"}
NEW_ID = -1000000000700
NEW = {"id": NEW_ID, "type": "supergroup", "title": "Team"}


def test_a_group_that_migrates_keeps_its_dialogue(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    now = int(time.time())
    run()
    written = telegram.say("/ask first", chat=OLD, date=now)["message"]
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)
    telegram.say(chat=OLD, migrate_to_chat_id=NEW_ID)
    telegram.say(chat=NEW, migrate_from_chat_id=OLD["id"])
    telegram.push(edited_message={**written, "edit_date": now + 5, "text": "/ask One"})
    telegram.say("/ask second", chat=NEW, message_id=1, date=now + 10)
    telegram.wait_for(lambda: len(telegram.sent) == 2)
    telegram.wait_for(all_done)
    assert telegram.sent[1]["chat_id"] == NEW_ID
    assert [turn.text for turn in asked[1].history] == ["/ask One", "Answer to: /ask first"]
    assert {message.chat for message in messages(agent)} == {"-500"}
    said = Message.objects.filter(role="user").values_list("text", flat=True)
    assert sorted(said) == ["/ask One", "/ask second"]
    assert check(agent) == []


def test_an_answer_on_its_way_goes_to_the_new_group_with_its_formatting(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[object]
) -> None:
    answers.extend(["**Bold**", "**Bold**"])
    telegram.fail("sendMessage", refusal(400, "Bad Request: migrated", migrate_to_chat_id=NEW_ID))
    run()
    telegram.say("/ask", chat=OLD)
    telegram.wait_for_texts("Bold")
    telegram.say("/ask again", chat=OLD)
    telegram.wait_for(lambda: len(telegram.sent) == 2)
    assert [sent["chat_id"] for sent in telegram.sent] == [NEW_ID] * 2
    assert [sent["entities"][0]["type"] for sent in telegram.sent] == ["bold"] * 2
    assert MigratedGroup.objects.get().old_id == OLD["id"]
