"""Topics are dialogues of their own, people in a group wait for no one, commands go first."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Cancellation, Question
from frontdesk.channels.telegram.dialogues import Dialogue
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.ledger.models import Message, Session
from frontdesk.ledger.recount import check
from tests.channels.telegram.test_talking import Run, all_done, messages
from tests.fakes.telegram import Telegram
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

GROUP = {"id": -100500, "type": "supergroup", "title": "Team"}
FORUM = {**GROUP, "is_forum": True}


def topic(number: int) -> dict[str, Any]:
    """The fields of a message in a topic."""
    return {"message_thread_id": number, "is_topic_message": True}


@pytest.mark.parametrize("text", ["-100500", "-100500/9", "1001", "name:A/B", "name:Road 7/"])
def test_a_dialogue_is_told_by_its_name(text: str) -> None:
    assert str(Dialogue.parse(text)) == text
    assert Dialogue.parse("-100500/9") == ("-100500", 9)


@pytest.mark.parametrize(
    ("chat", "names"),
    [(FORUM, ["-100500/7", "-100500/8", "-100500"]), ({}, ["1001/7", "1001/8", ""])],
    ids=["forum", "private"],
)
def test_each_topic_is_a_dialogue_with_its_own_history_and_session(
    agent: Agent,
    bot: TelegramBot,
    telegram: Telegram,
    run: Run,
    asked: list[Question],
    chat: dict[str, Any],
    names: list[str],
) -> None:
    def say(text: str, thread: int | None) -> None:
        count = len(telegram.sent)
        fields: dict[str, Any] = {
            "date": int(time.time()) + 10 * count,
            **({"chat": chat} if chat else {}),
        }
        telegram.say(text, **fields, **(topic(thread) if thread else {}))
        telegram.wait_for(lambda: len(telegram.sent) == count + 1)
        telegram.wait_for(all_done)

    run()
    for number, thread in enumerate([7, 8, None]):
        say(f"/first {number}", thread)
    say("/new", 8)
    say("/again", 7)
    say("/again", 8)
    threads = [sent.get("message_thread_id") for sent in telegram.sent]
    assert threads == ["7", "8", None, "8", "7", "8"]
    assert [turn.text for turn in asked[-2].history] == ["/first 0", "Answer to: /first 0"]
    assert asked[-1].history == []
    assert [question.history for question in asked[:3]] == [[], [], []]
    assert {message.chat for message in messages(agent)} == set(names)
    sessions = dict.fromkeys(names, 1) | {names[1]: 2}
    assert {name: Session.objects.filter(chat=name).count() for name in names} == sessions
    assert check(agent) == []


def all_at_once(count: int) -> Callable[[], str]:
    """An answer that is there only when so many are asked for at the same time."""
    barrier = threading.Barrier(count)

    def answer() -> str:
        barrier.wait(PATIENCE)
        return "Together"

    return answer


def test_the_people_of_a_group_are_served_at_the_same_time(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, answers: list[object]
) -> None:
    answers.extend([all_at_once(6)] * 6)
    run()
    for user in range(5):
        telegram.say(f"/ask {user}", 1001 + user, chat=GROUP)
    telegram.say("/ask in a topic", 1001, chat=GROUP, **topic(7))
    telegram.wait_for_texts(*["Together"] * 6)


def test_a_command_is_answered_at_once_and_what_follows_it_knows_of_it(
    agent: Agent,
    bot: TelegramBot,
    telegram: Telegram,
    run: Run,
    asked: list[Question],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def stream(backend: Backend, question: Question, _: Cancellation) -> list[str]:
        asked.append(question)
        if question.text == "First":
            begun.set()
            may_end.wait(PATIENCE)
        return [f"Answer to: {question.text}"]

    monkeypatch.setattr("frontdesk.backends.answering.stream", stream)
    run()
    first = telegram.say("First")["message"]
    telegram.wait_for(begun.is_set)
    telegram.say("Second", date=first["date"] + 1)
    telegram.say("/usage", date=first["date"] + 2)
    telegram.say("/new", date=first["date"] + 3)
    telegram.say("Third", date=first["date"] + 4)
    telegram.wait_for(lambda: len(telegram.sent) == 2)
    assert telegram.texts()[0] == "There is no limit for you."
    may_end.set()
    telegram.wait_for(lambda: len(telegram.sent) == 5)
    telegram.wait_for(all_done)
    assert [question.text for question in asked] == ["First", "Second", "Third"]
    assert asked[2].history == []
    said = Message.objects.filter(end_user__agent=agent, role="user").order_by("sent_at")
    assert [message.text for message in said] == ["First", "Second", "Third"]
