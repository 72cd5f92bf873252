"""People write to a bot and are answered: the runner against a strict fake Telegram."""

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.db import DataError
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Question
from frontdesk.channels import conversation, outbox
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.runner import TelegramRunner
from frontdesk.gate import blocks
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.recount import check
from tests.channels.telegram.conftest import QUICK
from tests.fakes.telegram import Telegram, good, person, refusal

pytestmark = pytest.mark.django_db(transaction=True)

Run = Callable[..., TelegramRunner]


def all_done() -> bool:
    return not TelegramUpdate.objects.exclude(state="done").exists()


def messages(agent: Agent, role: str = "agent") -> list[Message]:
    found = Message.objects.filter(end_user__agent=agent, role=role)
    return list(found.order_by("sent_at", "id"))


def test_a_message_is_answered_and_both_are_recorded(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run
) -> None:
    run()
    maya = person(1001, first_name="Maya", username="maya", language_code="de", is_premium=True)
    telegram.say("Hello", maya)
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)

    user = EndUser.objects.get(agent=agent)
    assert (user.platform, user.external_id, user.name) == ("telegram", "1001", "Maya")
    assert (user.username, user.language) == ("maya", "de")
    assert user.attributes == {"premium": True}
    assert (user.total_messages_sent, user.total_chat_messages) == (1, 2)
    (answer,) = messages(agent)
    assert answer.text
    assert telegram.asked["sendChatAction"] >= 1
    row = TelegramUpdate.objects.get()
    assert (row.payload, row.answer) == ({}, {})
    assert check(agent) == []


def test_a_redelivered_update_is_answered_once(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run
) -> None:
    telegram.say("Hello")
    first = run()
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)
    first.stop()
    telegram.updates = [telegram.say("Hello again"), *telegram.updates]  # nothing was confirmed
    run()
    telegram.wait_for(lambda: len(telegram.sent) == 2)
    telegram.wait_for(all_done)
    assert len(messages(agent, "user")) == 2
    assert len(telegram.sent) == 2


def test_a_long_answer_is_sent_in_parts_that_telegram_accepts(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    answers.append("**Bold** 🙂 " + "word 🙂 " * 1500 + "\n```python\n" + "x = 1\n" * 1200 + "```")
    run()
    telegram.say("Tell me more")
    telegram.wait_for(all_done_after(telegram))
    assert len(telegram.sent) >= 4
    assert not any("can't" in str(call) for call in telegram.calls)
    assert {entity["type"] for sent in telegram.sent for entity in sent["entities"]} == {
        "bold",
        "pre",
    }


def all_done_after(telegram: Telegram) -> Callable[[], bool]:
    return lambda: bool(telegram.sent) and all_done()


def test_entities_that_telegram_refuses_are_left_out(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    answers.append("**Bold** [link](https://example.com)")
    telegram.fail("sendMessage", refusal(400, "Bad Request: can't parse entities: nested"))
    run()
    telegram.say("Hello")
    telegram.wait_for_texts("Bold link (https://example.com)")
    assert telegram.sent[0]["entities"] == []


@pytest.mark.parametrize("answer", [" \n ", "\u200b"])
def test_an_answer_that_nobody_could_see_has_failed(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str], answer: str
) -> None:
    answers.append(answer)
    telegram.fail("sendMessage", *[refusal(400, "Bad Request: text must be non-empty")] * 2)
    run()
    telegram.say("Hello")
    telegram.wait_for(lambda: bool(messages(agent)))
    (recorded,) = messages(agent)
    assert recorded.failed
    assert recorded.error


def test_an_answer_follows_its_group_to_the_new_id(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run
) -> None:
    moved = refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-200)
    telegram.fail("sendMessage", moved)
    run()
    telegram.say("/help@ada_test_bot", chat={"id": -100, "type": "group"})
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    assert telegram.sent[0]["chat_id"] == -200


def test_it_waits_as_long_as_telegram_asks_and_retries_after_errors(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    telegram.fail("sendMessage", refusal(429, "Too Many Requests", retry_after=1))
    telegram.fail("sendMessage", (502, {}), refusal(500, "Internal Server Error"))
    run()
    telegram.say("Hello")
    telegram.wait_for_texts("Answer to: Hello")
    times = telegram.asked["sendMessage"]
    assert times == 4
    telegram.wait_for(all_done)
    assert not messages(agent)[0].failed


def test_a_person_who_blocked_the_bot_is_unreachable_until_they_write_again(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run
) -> None:
    telegram.fail("sendMessage", refusal(403, "Forbidden: bot was blocked by the user"))
    run()
    telegram.say("Hello")
    telegram.wait_for(lambda: telegram.asked["sendMessage"] == 1)
    telegram.wait_for(all_done)
    user = EndUser.objects.get(agent=agent)
    assert user.unreachable_cause == "blocked the bot"
    (answer,) = messages(agent)
    assert (answer.failed, answer.text) == (True, "")
    assert answer.error == "Not sent: Forbidden: bot was blocked by the user"

    telegram.say("I am back", date=int(time.time()) + 2)
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    user.refresh_from_db()
    assert user.unreachable_since is None


def test_blocking_the_bot_is_recorded_when_telegram_reports_it(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run
) -> None:
    run()
    telegram.say("Hello")
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    chat = {"id": 1001, "type": "private"}
    member = {"user": {"id": 4711, "is_bot": True, "first_name": "Ada"}, "status": "kicked"}
    now = int(timezone.now().timestamp()) + 1
    telegram.push(
        my_chat_member={"chat": chat, "from": person(1001), "date": now, "new_chat_member": member}
    )
    user = EndUser.objects.get(agent=agent)
    telegram.wait_for(lambda: EndUser.objects.get(id=user.id).unreachable_since is not None)


def test_an_answer_to_a_person_blocked_meanwhile_is_not_sent(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[object]
) -> None:
    def block_first() -> str:
        user = EndUser.objects.get(agent=agent)
        blocks.block(agent, [user.id], "spam", None, "", "", "olivia")
        return "You should not read this"

    answers.append(block_first)
    run()
    telegram.say("Hello")
    telegram.wait_for(lambda: bool(messages(agent)))
    (answer,) = messages(agent)
    assert (answer.failed, answer.text) == (True, "")
    assert answer.error == "Not sent: the person was blocked meanwhile"
    assert telegram.texts() == []


def test_a_blocked_person_reads_the_text_once_a_minute_and_the_backend_is_not_asked(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    run()
    telegram.say("Hello")
    telegram.wait_for_texts("Answer to: Hello")
    user = EndUser.objects.get(agent=agent)
    blocks.block(agent, [user.id], "spam", None, "", "You are blocked.", "olivia")
    for _ in range(3):
        telegram.say("And now?")
    telegram.say("/usage")
    telegram.wait_for(lambda: TelegramUpdate.objects.filter(state="done").count() == 5)
    assert telegram.texts() == ["Answer to: Hello", "You are blocked."]


def test_a_failed_answer_is_reported_to_the_person(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[object]
) -> None:
    answers.append(ZeroDivisionError())
    run()
    telegram.say("Hello")
    telegram.wait_for_texts("Sorry, that did not work. Please try again.")
    telegram.wait_for(all_done)
    assert messages(agent)[0].failed


@pytest.mark.parametrize("error", [KeyError, DataError])
def test_an_update_that_fails_does_not_hold_up_others(
    agent: Agent,
    bot: TelegramBot,
    telegram: Telegram,
    run: Run,
    answers: list[str],
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def question_of(agent: Agent, event: Event, backend: Backend, **how: Any) -> Question:
        if event.text == "poison":
            raise error
        return conversation.question_of(agent, event, backend, **how)

    monkeypatch.setattr("frontdesk.channels.replies.question_of", question_of)
    run()
    telegram.push(message={"message_id": "no number"})
    telegram.push(channel_post={})
    telegram.say("poison")
    telegram.say("Hello")
    telegram.wait_for_texts("Sorry, that did not work. Please try again.", "Answer to: Hello")
    telegram.wait_for(all_done)
    assert [m.failed for m in messages(agent)] == [True, False]
    assert check(agent) == []


def test_a_person_who_floods_a_bot_does_not_delay_others(
    agent: Agent,
    bot: TelegramBot,
    telegram: Telegram,
    run: Run,
    answers: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "_SCANNED", 5)
    for number in range(30):
        telegram.say(f"Spam {number}", 1001)
    telegram.say("Hello", 1002)
    run()
    telegram.wait_for(lambda: "Answer to: Hello" in telegram.texts())
    assert telegram.texts().index("Answer to: Hello") < 10
    telegram.wait_for(all_done)


def test_in_a_group_only_what_is_addressed_is_answered_in_its_thread(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    run()
    group = {"id": -100500, "type": "supergroup", "title": "Team"}
    telegram.say("Just talking", chat=group)
    mention = [{"type": "mention", "offset": 3, "length": 13}]
    telegram.say("🙂 @Ada_Test_Bot when?", chat=group, entities=mention, message_id=70)
    telegram.say(
        "Thanks",
        user=1002,
        chat=group,
        message_id=71,
        message_thread_id=9,
        is_topic_message=True,
        reply_to_message={"message_id": 70, "from": {"id": 4711, "is_bot": True}},
    )
    telegram.say("/start@other_bot", chat=group)
    telegram.say("/weather@ada_test_bot Rome", chat=group, message_id=73)
    telegram.wait_for(lambda: len(telegram.sent) == 3)
    sent = {message["text"]: message for message in telegram.sent}  # two people, in any order
    threads = {text: each.get("message_thread_id") for text, each in sent.items()}
    assert threads == {
        "Answer to: 🙂 when?": None,
        "Answer to: Thanks": "9",
        "Answer to: /weather Rome": None,
    }
    assert {each["chat_id"] for each in sent.values()} == {-100500}
    assert '"message_id": 70' in sent["Answer to: 🙂 when?"]["reply_parameters"]
    telegram.wait_for(all_done)
    assert {m.chat for m in messages(agent, "user")} == {"-100500", "-100500/9"}
    assert "🙂 @Ada_Test_Bot when?" in [m.text for m in messages(agent, "user")]
    assert TelegramUpdate.objects.count() == 3


def test_an_edit_changes_the_text_and_gets_no_answer(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    run()
    written = telegram.say("Helo")["message"]
    telegram.wait_for_texts("Answer to: Helo")
    telegram.push(edited_message={**written, "edit_date": written["date"] + 1, "text": "Hello"})
    stranger = {**written, "message_id": 999, "edit_date": written["date"] + 1}
    telegram.push(edited_message=stranger)
    telegram.wait_for(lambda: TelegramUpdate.objects.filter(state="done").count() == 3)
    assert [m.text for m in messages(agent, "user")] == ["Hello"]
    assert len(telegram.sent) == 1


def test_two_workers_never_serve_one_bot(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    run()
    telegram.wait_for(lambda: TelegramBot.objects.get().state == "running")
    served_by = TelegramBot.objects.get().served_by
    run()
    for number in range(5):
        telegram.say(f"Message {number}")
    telegram.wait_for(lambda: len(telegram.sent) == 5)
    assert TelegramBot.objects.get().served_by == served_by
    telegram.wait_for(all_done)
    assert len(telegram.sent) == 5


def test_a_revoked_token_is_reported_and_recovers_by_itself(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[str]
) -> None:
    telegram.token = "another"
    run()
    telegram.wait_for(lambda: TelegramBot.objects.get().state == "failed")
    assert TelegramBot.objects.get().last_error == "Telegram does not accept the token (any more)."
    telegram.token = "4711:AAHn0tARealTokenButLongEnough0000000"
    telegram.say("Hello")
    telegram.wait_for_texts("Answer to: Hello")
    bot.refresh_from_db()
    assert bot.state == "running"


def test_a_bot_that_is_disconnected_is_served_no_more(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run
) -> None:
    run()
    telegram.wait_for(lambda: TelegramBot.objects.get().state == "running")
    assert telegram.connections
    bot.delete()
    telegram.wait_for(lambda: not telegram.connections)


def test_a_server_that_answers_polls_at_once_is_asked_with_pauses(
    bot: TelegramBot, telegram: Telegram, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def nothing(*_: object) -> tuple[int, dict[str, object]]:
        asked.append(time.monotonic())
        return good([])

    monkeypatch.setattr(telegram, "_METHODS", {**telegram._METHODS, "getUpdates": nothing})
    run()
    telegram.wait_for(lambda: len(asked) > 10)
    pauses = sorted(after - before for before, after in pairwise(asked))
    assert pauses[len(pauses) // 2] >= QUICK.first_retry
