"""An edited question is answered in its new form; afterwards only if the bot is set so."""

import threading

import pytest
from django.test import Client

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Cancellation, CancelledError, Question
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.gate import blocks
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.recount import check
from tests.channels.telegram.test_talking import Run, all_done, messages
from tests.fakes.telegram import Telegram
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


def edit(telegram: Telegram, written: dict[str, object], text: str, later: int = 1) -> None:
    date = written["date"]
    assert isinstance(date, int)
    telegram.push(edited_message={**written, "edit_date": date + later, "text": text})


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, asked: list[Question]) -> threading.Event:
    """Set when a question with "wait" is asked, which is answered only when it is given up."""
    begun = threading.Event()

    def stream(backend: Backend, question: Question, cancellation: Cancellation) -> list[str]:
        asked.append(question)
        if "wait" in question.text:
            begun.set()
            if cancellation.wait(PATIENCE):
                raise CancelledError
        return [f"Answer to: {question.text}"]

    monkeypatch.setattr("frontdesk.backends.answering.stream", stream)
    return begun


def test_an_unanswered_question_is_answered_in_its_new_form(
    agent: Agent,
    bot: TelegramBot,
    telegram: Telegram,
    run: Run,
    asked: list[Question],
    begun: threading.Event,
) -> None:
    run()
    first = telegram.say("Helo, wait")["message"]
    telegram.wait_for(begun.is_set)
    second = telegram.say("Secnd")["message"]
    edit(telegram, second, "Second")
    edit(telegram, first, "Hello")
    telegram.wait_for_texts("Answer to: Hello", "Answer to: Second")
    telegram.wait_for(all_done)
    assert [each.text for each in asked] == ["Helo, wait", "Hello", "Second"]
    assert {message.text for message in messages(agent, "user")} == {"Hello", "Second"}
    assert {message.text for message in messages(agent)} == {
        "Answer to: Hello",
        "Answer to: Second",
    }
    assert check(agent) == []


def test_an_edit_after_the_answer_is_answered_if_the_bot_is_set_so(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    TelegramBot.objects.update(answers_edits=True)
    run()
    written = telegram.say("Helo")["message"]
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)
    for number in range(1, 7):
        edit(telegram, written, f"Hello {number}", number)
        telegram.wait_for(lambda: not telegram.updates and all_done())
    assert telegram.texts() == ["Answer to: Helo", *(f"Answer to: Hello {n}" for n in range(1, 5))]
    telegram.wait_for(lambda: [m.text for m in messages(agent, "user")] == ["Hello 6"])
    assert len(messages(agent)) == 5
    assert check(agent) == []


def test_an_edit_of_who_was_blocked_meanwhile_is_not_answered(
    agent: Agent, bot: TelegramBot, telegram: Telegram, run: Run, asked: list[Question]
) -> None:
    TelegramBot.objects.update(answers_edits=True)
    run()
    written = telegram.say("Hello")["message"]
    telegram.wait_for(lambda: len(telegram.sent) == 1)
    telegram.wait_for(all_done)
    user = EndUser.objects.get(agent=agent)
    blocks.block(agent, [user.id], "spam", None, "", "You are blocked.", "olivia")
    edit(telegram, written, "Hello again")
    telegram.wait_for_texts("Answer to: Hello", "You are blocked.")
    assert len(asked) == 1


def test_the_card_has_the_setting(agent: Agent, bot: TelegramBot, signed_in: Client) -> None:
    card = f"/agents/{agent.id}/settings/channels"
    for data, is_on in (({"answers_edits": "on"}, True), ({}, False)):
        page = signed_in.post(f"{card}/telegram/edits", data, follow=True).content.decode()
        assert TelegramBot.objects.get().answers_edits == is_on
        field = page.partition('name="answers_edits"')[2].partition(">")[0]
        assert ("checked" in field) == is_on
