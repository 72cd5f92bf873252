"""Answers are shown while they are written, and sent as rich messages, where the server can."""

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.backends.question import BackendError, Cancellation, CancelledError, Question
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.telegram.runner import TelegramRunner
from tests.channels.telegram.conftest import QUICK
from tests.channels.telegram.test_talking import all_done, messages
from tests.fakes.telegram import Answer, Telegram, refusal
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

Run = Callable[..., TelegramRunner]
CHAT = 1001


class Slow:
    """A backend that says its first words, and goes on when it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.first = "# Half\n\n**an** answer"
        self.then: str | Exception = " and the rest"
        self.texts: list[str] = []
        """What it was asked."""

    def stream(self, _: Backend, question: Question, cancellation: Cancellation) -> Iterator[str]:
        self.texts.append(question.text)
        yield self.first
        eventually(lambda: self.go.is_set() or cancellation.is_cancelled)
        if cancellation.is_cancelled:
            raise CancelledError
        if isinstance(self.then, Exception):
            raise self.then
        yield self.then


def stop(telegram: Telegram, draft_id: int) -> None:
    """The person presses Stop below a draft."""
    chat = {"id": CHAT, "type": "private"}
    telegram.push(stopped_message_generation={"chat": chat, "draft_id": draft_id})


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    backend = Slow()
    monkeypatch.setattr("frontdesk.backends.answering.stream", backend.stream)
    return backend


@pytest.fixture
def new(telegram: Telegram) -> Telegram:
    """A Telegram that knows the newest methods."""
    telegram.is_new = True
    return telegram


def test_an_answer_grows_and_becomes_one_rich_message(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    run()
    update = new.say("Hello")
    new.wait_for(lambda: bool(new.drafts))
    draft = new.drafts[0]
    assert (draft["text"], int(draft["chat_id"])) == ("Half\nan answer", CHAT)
    assert int(draft["draft_id"]) == update["message"]["message_id"]
    assert new.sent == []
    slow.go.set()
    new.wait_for_texts("Half\nan answer and the rest")
    assert "<h1>Half</h1>" in new.sent[0]["html"]
    new.wait_for(all_done)
    assert messages(agent)[0].text == "# Half\n\n**an** answer and the rest"
    assert new.asked["sendMessage"] == 0


def test_a_long_answer_is_one_rich_message_or_parts(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, answers: list[str]
) -> None:
    answers += ["word " * 6000, "word " * 8000]
    run()
    new.say("Hello")
    new.wait_for(lambda: len(new.sent) == 1)
    new.say("And more")
    new.wait_for(lambda: len(new.sent) >= 10)
    new.wait_for(all_done)
    assert "html" not in new.sent[1]
    assert len("".join(new.texts()[1:]).split()) == 8000


def test_an_older_server_is_asked_once(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, slow: Slow
) -> None:
    slow.go.set()
    run()
    for count in (1, 2):
        telegram.say("Hello")
        telegram.wait_for(lambda count=count: len(telegram.sent) == count)  # type: ignore[misc]
        telegram.wait_for(all_done)
    assert telegram.asked["sendRichMessage"] == 1
    assert telegram.sent[0]["entities"]
    assert telegram.asked["sendMessage"] == 2


@pytest.mark.parametrize(
    "answer",
    [
        refusal(404, "Not Found"),
        refusal(400, "Bad Request: unknown method"),
        (500, {"message": "API method 'sendRichMessage' is not supported."}),
        (501, {}),
    ],
    ids=["404", "400", "500", "501"],
)
def test_in_whatever_way_a_server_says_that_it_has_no_rich_messages(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, answers: list[str], answer: Answer
) -> None:
    answers += ["One", "Two"]
    new.fail("sendRichMessage", answer)
    run()
    new.say("Hello")
    new.wait_for_texts("One")
    new.say("Again")
    new.wait_for_texts("One", "Two")
    assert new.asked["sendRichMessage"] == 1


def test_a_server_without_drafts_is_asked_for_them_once(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, slow: Slow
) -> None:
    run()
    for count in (1, 2):
        telegram.say("Hello")
        typed = telegram.asked["sendChatAction"]
        telegram.wait_for(lambda n=typed: telegram.asked["sendChatAction"] > n + 1)  # type: ignore[misc]
        slow.go.set()
        telegram.wait_for(lambda count=count: len(telegram.sent) == count)  # type: ignore[misc]
        slow.go.clear()
    assert telegram.asked["sendRichMessageDraft"] == 1
    assert telegram.asked["sendMessageDraft"] == 1


def test_a_rich_message_that_is_refused_is_sent_in_parts(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, answers: list[str]
) -> None:
    answers += ["**One**", "Two"]
    new.fail("sendRichMessage", refusal(400, "Bad Request: can't parse rich message"))
    run()
    new.say("Hello")
    new.wait_for_texts("One")
    assert new.sent[0]["entities"]
    new.say("Again")
    new.wait_for_texts("One", "Two")
    assert new.sent[1]["html"] == "<p>Two</p>"


def test_a_rich_message_waits_as_long_as_telegram_asks(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, answers: list[str]
) -> None:
    answers.append("Once")
    new.fail("sendRichMessage", refusal(429, "Too Many Requests", retry_after=1))
    run()
    new.say("Hello")
    new.wait_for_texts("Once")
    new.wait_for(all_done)
    assert len(new.sent) == 1
    assert new.asked["sendMessage"] == 0


def test_drafts_wait_as_long_as_telegram_asks_and_the_answer_does_not(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    new.fail("sendRichMessageDraft", refusal(429, "Too Many Requests", retry_after=600))
    run()
    new.say("Hello")
    new.wait_for(lambda: new.asked["sendRichMessageDraft"] == 1)
    slow.go.set()
    new.wait_for(lambda: len(new.sent) == 1)
    assert new.drafts == []
    assert new.asked["sendRichMessageDraft"] == 1


def test_the_answer_does_not_wait_for_a_draft_on_its_way(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    new.fail("sendRichMessageDraft", 5.0)
    run()
    new.say("Hello")
    new.wait_for(lambda: new.asked["sendRichMessageDraft"] == 1)
    slow.go.set()
    new.wait_for(lambda: len(new.sent) == 1)
    assert new.drafts == []


def test_a_failed_answer_leaves_its_words_and_no_draft(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    slow.then = BackendError("the model is gone")
    run()
    new.say("Hello")
    new.wait_for(lambda: bool(new.drafts))
    slow.go.set()
    new.wait_for(lambda: len(new.sent) == 2)
    assert new.texts() == ["Half\nan answer", "Sorry, that did not work. Please try again."]
    new.wait_for(all_done)
    assert messages(agent)[0].error == "the model is gone"


def test_the_person_stops_an_answer(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    run()
    new.say("Hello")
    new.wait_for(lambda: bool(new.drafts))
    draft = new.drafts[0]
    assert draft["can_stop"] == "true"
    stop(new, int(draft["draft_id"]))
    new.wait_for_texts("Half\nan answer")
    new.wait_for(all_done)
    (kept,) = messages(agent)
    assert (kept.text, kept.failed) == ("# Half\n\n**an** answer", False)
    stop(new, 12345)
    new.wait_for(all_done)


def test_only_the_answer_that_is_stopped_ends_also_beside_one_in_another_topic(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    run()
    for thread in (7, 8):
        new.say("Hello", message_thread_id=thread, is_topic_message=True)
    new.wait_for(lambda: {draft["message_thread_id"] for draft in new.drafts} == {"7", "8"})
    (stopped, *_) = (draft for draft in new.drafts if draft["message_thread_id"] == "8")
    stop(new, int(stopped["draft_id"]))
    new.wait_for_texts("Half\nan answer")
    assert new.sent[0]["message_thread_id"] == "8"
    slow.go.set()
    new.wait_for_texts("Half\nan answer", "Half\nan answer and the rest")
    assert new.sent[1]["message_thread_id"] == "7"


def test_an_answer_to_an_edited_message_grows_and_can_be_stopped(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    TelegramBot.objects.update(answers_edits=True)
    run()
    written = new.say("Helo")["message"]
    new.wait_for(lambda: bool(new.drafts))
    new.push(edited_message={**written, "edit_date": written["date"], "text": "Hello"})
    new.wait_for(lambda: slow.texts == ["Helo", "Hello"])
    slow.go.set()
    new.wait_for_texts("Half\nan answer and the rest")
    new.wait_for(all_done)
    slow.go.clear()
    new.drafts.clear()
    new.push(edited_message={**written, "edit_date": written["date"] + 1, "text": "Hello!"})
    new.wait_for(lambda: bool(new.drafts))
    stop(new, int(new.drafts[0]["draft_id"]))
    new.wait_for_texts("Half\nan answer and the rest", "Half\nan answer")
    assert slow.texts == ["Helo", "Hello", "Hello!"]


def test_a_group_sees_typing_and_no_draft(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    run()
    new.say("/new@ada_test_bot", chat={"id": -100, "type": "group"})
    new.wait_for(lambda: len(new.sent) == 1)
    entities = [{"type": "mention", "offset": 0, "length": 13}]
    new.say("@ada_test_bot Hello", chat={"id": -100, "type": "group"}, entities=entities)
    new.wait_for(lambda: new.asked["sendChatAction"] >= 2)
    slow.go.set()
    new.wait_for(lambda: len(new.sent) == 2)
    assert new.drafts == []
    assert new.sent[1]["html"]


def test_a_stopped_worker_leaves_the_question_to_the_next(
    agent: Agent, bot: TelegramBot, new: Telegram, run: Run, slow: Slow
) -> None:
    first = run(uuid.uuid4(), replace(QUICK, stop_timeout=0.2))
    new.say("Hello")
    new.wait_for(lambda: bool(new.drafts))
    first.stop()
    assert new.sent == []
    slow.go.set()
    run()
    new.wait_for_texts("Half\nan answer and the rest")
