"""Albums and cut texts are one question, however their parts arrive."""

import datetime as dt
import time
import uuid
from typing import Any

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.question import Question
from frontdesk.channels.telegram import inbox, thoughts
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.updates import Me
from frontdesk.ledger.recount import check
from tests.channels.telegram.test_talking import Run, all_done, messages
from tests.fakes.telegram import Telegram

pytestmark = pytest.mark.django_db(transaction=True)

GROUP = {"id": -100500, "type": "supergroup", "title": "Team"}
LONG_TEXT = "word " * 700
CUT = LONG_TEXT.strip()


def photo(number: int, **fields: Any) -> dict[str, Any]:
    return {"photo": [{"file_id": str(number)}], "media_group_id": "77", **fields}


def test_an_album_is_one_question_with_a_message_for_each_part(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    run()
    telegram.say(**photo(1, caption="Which one?"))
    telegram.say(**photo(2))
    telegram.wait_for(lambda: TelegramUpdate.objects.count() == 2)
    telegram.say(**photo(3))
    telegram.say("Take your time")
    telegram.wait_for(lambda: len(telegram.sent) == 2)
    telegram.wait_for(all_done)
    questions = ["[photo] Which one?\n[photo]\n[photo]", "Take your time"]
    assert [each.text.strip() for each in asked] == questions
    said = sorted(message.text for message in messages(agent, "user"))
    assert said == ["Take your time", "[photo]", "[photo]", "[photo] Which one?"]
    assert check(agent) == []


def test_a_text_that_the_client_has_cut_is_one_question(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    now = int(time.time())
    run()
    telegram.say(CUT, date=now)
    telegram.say(f"{CUT} two", date=now + 1)
    telegram.say("and the end.", date=now + 1)
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.say(CUT, user=1002, date=now - 60)
    telegram.say("A minute later", user=1002, date=now)
    telegram.wait_for(lambda: len(asked) == 3)
    telegram.wait_for(all_done)
    assert asked[0].text == f"{CUT}\n{CUT} two\nand the end."
    assert {asked[1].text, asked[2].text} == {CUT, "A minute later"}
    assert len(messages(agent, "user")) == 5


def test_in_a_group_all_parts_of_an_album_are_meant_if_its_caption_is(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    mention = [{"type": "mention", "offset": 0, "length": 13}]
    caption = {"caption": "@ada_test_bot which?", "caption_entities": mention}
    run()
    telegram.say(chat=GROUP, **photo(1, **caption))
    telegram.say(chat=GROUP, **photo(2))
    telegram.say(chat=GROUP, user=1002, **photo(3, media_group_id="78"))
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)
    assert [each.text for each in asked] == ["[photo] which?\n[photo]"]
    assert TelegramUpdate.objects.count() == 2


def test_one_verdict_decides_on_all_parts(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    agent.limits = {"messages_per_day": 1}
    Agent.objects.update(limits=agent.limits)
    run()
    for number in range(3):
        telegram.say(**photo(number))
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)
    assert len(messages(agent, "user")) == 3
    Agent.objects.update(limits={"longest_message": 4000})
    now = int(time.time())
    telegram.say(CUT, user=1002, date=now)
    telegram.say(CUT, user=1002, date=now)
    telegram.wait_for(lambda: len(telegram.sent) == 2)
    telegram.wait_for(all_done)
    assert len(asked) == 1
    assert len(messages(agent, "user")) == 3


def test_what_is_gathered_is_in_the_first_row_and_nowhere_else(agent: Agent) -> None:
    """So a worker that is killed then asks for the whole, and one killed before gathers again."""
    bot = uuid.uuid4()
    raws = [
        {
            "update_id": number,
            "message": {
                "message_id": number,
                "date": 1_700_000_000,
                "from": {"id": 1001, "is_bot": False, "first_name": "Maya"},
                "chat": {"id": 1001, "type": "private"},
                **photo(number),
            },
        }
        for number in range(1, 4)
    ]
    inbox.store(agent.id, bot, Me(4711, "ada_test_bot"), raws[:2])
    first = TelegramUpdate.objects.get(number=1)
    assert 50 < thoughts.gather(first, 60) <= 60
    assert TelegramUpdate.objects.filter(state="waiting").count() == 2
    inbox.store(agent.id, bot, Me(4711, "ada_test_bot"), raws[2:])
    TelegramUpdate.objects.update(received_at=timezone.now() - dt.timedelta(minutes=2))
    assert thoughts.gather(first, 60) == 0
    (kept,) = TelegramUpdate.objects.filter(state="waiting")
    assert kept.payload == first.payload
    assert [part.message for part in kept.incoming.parts] == [2, 3]
    assert thoughts.gather(kept, 60) == 0
