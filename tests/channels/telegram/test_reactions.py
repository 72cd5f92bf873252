"""Reactions below the bot's answers are recorded with the answers, if the person asked for them."""

import datetime as dt
import time
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.question import Question
from frontdesk.channels.telegram.cleaning import forget_old_updates
from frontdesk.channels.telegram.models import SentMessage, TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.sent import KEPT_FOR, Sent, note_sent
from frontdesk.channels.telegram.updates import Me, read
from frontdesk.ledger.erase import erase
from frontdesk.ledger.models import MAX_REACTION, EndUser, Message
from frontdesk.ledger.reactions import member_reactions
from tests.channels.telegram.test_dialogues import FORUM, topic
from tests.channels.telegram.test_groups import NEW, NEW_ID, OLD
from tests.channels.telegram.test_talking import Run, all_done, messages
from tests.channels.telegram.test_thoughts import photo
from tests.fakes.telegram import Telegram, person, refusal

pytestmark = pytest.mark.django_db(transaction=True)

NOW = int(time.time())
ME = Me(42, "ada_bot")


def emoji(text: str) -> dict[str, str]:
    return {"type": "emoji", "emoji": text}


def reaction(number: int, *new: dict[str, str], user: int = 1001, **fields: Any) -> dict[str, Any]:
    """The update in which a user changes their reactions to a message."""
    return {
        "chat": {"id": user, "type": "private"},
        "user": person(user),
        "message_id": number,
        "date": NOW,
        "old_reaction": [],
        "new_reaction": list(new),
        **fields,
    }


def react(telegram: Telegram, *args: Any, **fields: Any) -> None:
    telegram.push(message_reaction=reaction(*args, **fields))
    telegram.wait_for(lambda: not telegram.updates and all_done())


def reactions(agent: Agent) -> list[str]:
    return [message.reaction for message in messages(agent)]


def say(telegram: Telegram, text: str, user: int = 1001, **fields: Any) -> dict[str, Any]:
    """Say something and wait for the whole answer; return the message."""
    count = len(telegram.sent)
    written: dict[str, Any] = telegram.say(text, user, **fields)["message"]
    telegram.wait_for(lambda: len(telegram.sent) > count and not telegram.updates and all_done())
    return written


def test_the_newest_reaction_to_any_part_of_an_answer_counts(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[object]
) -> None:
    answers.append("word " * 1500)
    run()
    say(telegram, "Hello")
    assert len(telegram.sent) == 2
    react(telegram, 1, emoji("👍"))
    assert reactions(agent) == ["👍"]
    react(telegram, 2, emoji("❤"), {"type": "custom_emoji", "custom_emoji_id": "53"}, date=NOW + 2)
    react(telegram, 1, {"type": "paid"}, date=NOW + 1)
    assert reactions(agent) == ["❤ [custom emoji 53]"]
    react(telegram, 2, date=NOW + 3)
    assert reactions(agent) == [""]


def test_in_a_group_each_users_reaction_is_recorded(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    run()
    say(telegram, "/ask", chat=FORUM, **topic(7))
    say(telegram, "/ask", 1002, chat=FORUM, **topic(7))
    updates = TelegramUpdate.objects.count()
    react(telegram, 1, emoji("👎"), chat=FORUM, user=1003)  # not a user of the agent
    react(telegram, 99, emoji("👎"), chat=FORUM)
    anonymous = reaction(1, emoji("👎"), chat=FORUM, actor_chat=FORUM)
    telegram.push(message_reaction={**anonymous, "user": None})
    telegram.wait_for(lambda: not telegram.updates)
    assert TelegramUpdate.objects.count() == updates
    react(telegram, 1, emoji("👍"), chat=FORUM)
    assert sorted(reactions(agent)) == ["", "👍"]
    newest = TelegramUpdate.objects.order_by("number").last()
    assert newest is not None
    assert newest.chat == "-100500/7:1001"
    react(telegram, 1, emoji("👎"), emoji("👍"), chat=FORUM, user=1002)
    assert sorted(reactions(agent)) == ["", "👍"]
    answer = Message.objects.get(reaction="👍")
    assert member_reactions([answer])[answer.id] == {"👎": 1, "👍": 1}
    react(telegram, 1, chat=FORUM, user=1002, date=NOW + 1)
    assert member_reactions([answer])[answer.id] == {}


def test_a_reaction_waits_until_its_answer_is_recorded(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[object]
) -> None:
    answers.append("word " * 1500)
    telegram.fail("sendMessage", 0.0, refusal(429, "Too Many Requests", retry_after=1))
    run()
    telegram.say("Hello")
    telegram.wait_for(lambda: telegram.asked["sendMessage"] == 2)
    assert messages(agent) == []
    react(telegram, 1, emoji("👍"))
    assert reactions(agent) == ["👍"]


@pytest.mark.parametrize("chat", [{}, {"chat": FORUM}], ids=["private", "group"])
def test_a_reaction_does_not_split_a_thought(
    agent: Agent,
    bot: TelegramBot,
    telegram: Telegram,
    run: Run,
    asked: list[Question],
    chat: dict[str, Any],
) -> None:
    first = run()
    say(telegram, "/ask", **chat)
    first.stop()
    mention = [{"type": "mention", "offset": 0, "length": 13}]
    caption = {"caption": "@ada_test_bot Which one?", "caption_entities": mention}
    telegram.say(**photo(1, **caption), **chat)
    telegram.push(message_reaction=reaction(1, emoji("👍"), **chat))
    telegram.say(**photo(2), **chat)
    run()
    telegram.wait_for(lambda: len(telegram.sent) == 2 and not telegram.updates and all_done())
    assert [each.text for each in asked] == ["/ask", "[photo] Which one?\n[photo]"]
    assert sorted(reactions(agent)) == ["", "👍"]


def test_a_reaction_to_the_answer_to_an_edit_is_not_one_to_the_first(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    TelegramBot.objects.update(answers_edits=True)
    run()
    written = say(telegram, "long " * 500)
    edited = {**written, "edit_date": written["date"], "text": "longer " * 500}
    telegram.push(edited_message=edited)
    telegram.wait_for(lambda: len(telegram.sent) == 2 and all_done())
    react(telegram, 2, emoji("👍"))
    given = {message.text[:17]: message.reaction for message in messages(agent)}
    assert given == {"Answer to: long l": "", "Answer to: longer": "👍"}


def test_a_group_that_has_migrated_is_known_by_its_new_id(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    telegram.fail("sendMessage", refusal(400, "Bad Request: migrated", migrate_to_chat_id=NEW_ID))
    run()
    say(telegram, "/ask", chat=OLD)
    react(telegram, 1, emoji("👍"), chat=NEW)
    assert reactions(agent) == ["👍"]


def test_nothing_is_kept_of_a_person_who_was_erased(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    run()
    say(telegram, "Hello")
    row = TelegramUpdate.objects.get()
    row.payload = {"kind": "message", "user": 1001, "chat": 1001, "time": NOW, "message": 1}
    erase(agent, EndUser.objects.get(agent=agent).id, "olivia", may_return=False)
    note_sent(agent.id, row, Sent(1001, 1))
    react(telegram, 1, emoji("👍"))
    assert not SentMessage.objects.exists()
    assert not TelegramUpdate.objects.exists()


def test_commands_of_the_bot_are_no_answers(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    run()
    say(telegram, "Hello")
    say(telegram, "/usage")
    assert SentMessage.objects.count() == 1


def test_ids_are_kept_for_90_days(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    run()
    say(telegram, "Hello")
    for age, left in ((KEPT_FOR - dt.timedelta(minutes=5), 1), (KEPT_FOR, 0)):
        SentMessage.objects.update(sent_at=timezone.now() - age)
        forget_old_updates()
        assert SentMessage.objects.count() == left


def test_what_is_read_of_a_reaction_is_bounded() -> None:
    long: dict[str, Any] = {"type": "custom_emoji", "custom_emoji_id": "5" * 999}
    raw = {"update_id": 1, "message_reaction": reaction(1, *[long] * 500)}
    incoming = read(raw, ME)
    assert incoming is not None
    assert 100 < len(incoming.text) <= MAX_REACTION
    with pytest.raises(msgspec.ValidationError):
        read({"update_id": 1, "message_reaction": {**reaction(1), "date": "soon"}}, ME)


@pytest.mark.parametrize("result", [None, True, {"message_id": 1}, {"message_id": 2**63}])
def test_a_result_without_a_place_is_no_error(result: object) -> None:
    assert Sent.of(result) is None
