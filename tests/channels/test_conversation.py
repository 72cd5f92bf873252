"""One question and its answer, in any channel."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends import answering
from frontdesk.backends.answering import Answer, answer
from frontdesk.backends.models import Backend
from frontdesk.backends.question import (
    BackendError,
    Cancellation,
    CancelledError,
    Question,
    Usage,
)
from frontdesk.channels.conversation import (
    MAX_ATTEMPTS,
    answer_id,
    find_answers,
    key_of,
    question_of,
    record_answer,
)
from frontdesk.gate.admission import admit
from frontdesk.ledger.events import MAX_TEXT, Event, user_id
from frontdesk.ledger.models import EndUser, Message, Session
from frontdesk.ledger.order import ORDER
from frontdesk.ledger.recount import check
from tests.factories import make_backend, make_event, record_events

NOW = timezone.now()
Piece = str | Usage


def asks(text: str = "And now?", minutes: float = 0, **fields: Any) -> Event:
    """A message of Maya's in the web chat, `minutes` after an hour ago."""
    defaults: dict[str, Any] = {
        "platform": "web",
        "external_id": "maya",
        "role": "user",
        "time": NOW + dt.timedelta(minutes=minutes - 60),
        "message_id": f"{text}-{minutes}",
        "text": text,
    }
    return Event(**{**defaults, **fields})


def replies(text: str, minutes: float = 0, **fields: Any) -> Event:
    return asks(text, minutes, **{"role": "agent", **fields})


def recorded_history(agent: Agent, event: Event) -> list[tuple[str, str]]:
    """Who said what in the history that the backend receives with this message."""
    record_events(agent, event)
    return history(agent, event)


def history(agent: Agent, event: Event) -> list[tuple[str, str]]:
    return [
        (turn.role, turn.text)
        for turn in question_of(agent, event, backend_of(agent), verified=False).history
    ]


def backend_of(agent: Agent) -> Backend:
    """The agent's backend; one with defaults if the test has made none."""
    return Backend.objects.filter(agent=agent).first() or Backend(agent=agent)


@pytest.fixture
def backend(agent: Agent) -> Backend:
    return make_backend(agent)


# --- what the backend receives ---


def test_the_history_is_the_conversation_in_order(agent: Agent, backend: Backend) -> None:
    record_events(agent, asks("One", 0), replies("First", 1), asks("Two", 2), replies("Second", 3))

    assert recorded_history(agent, asks(minutes=4)) == [
        ("user", "One"), ("agent", "First"), ("user", "Two"), ("agent", "Second"),
    ]  # fmt: skip


def test_the_history_of_a_long_conversation_has_its_newest_messages(
    agent: Agent, backend: Backend
) -> None:
    Backend.objects.filter(agent=agent).update(history_length=3)
    record_events(agent, *(asks(f"Number {n}", n) for n in range(6)))

    assert recorded_history(agent, asks(minutes=7)) == [("user", f"Number {n}") for n in (3, 4, 5)]


@pytest.mark.parametrize("length", [1, 5, 200])
def test_the_messages_of_one_chat_are_found_among_many(
    agent: Agent, backend: Backend, length: int
) -> None:
    Backend.objects.filter(agent=agent).update(history_length=length)
    record_events(agent, asks("Here", -1), *(asks("There", n, chat="-100") for n in range(20)))

    assert recorded_history(agent, asks(minutes=40)) == [("user", "Here")]


def test_the_history_goes_past_a_pause(agent: Agent, backend: Backend) -> None:
    record_events(agent, asks("Yesterday", -24 * 60))

    assert recorded_history(agent, asks()) == [("user", "Yesterday")]


def test_messages_before_a_new_conversation_are_not_in_the_history(
    agent: Agent, backend: Backend
) -> None:
    record_events(agent, asks("Old", 0), replies("Old too", 1))
    record_events(agent, asks("/new", 2, role="system", new_session=True), asks("New", 3))

    assert recorded_history(agent, asks(minutes=4)) == [("user", "New")]


def test_a_message_that_starts_a_conversation_has_no_history_and_belongs_to_it(
    agent: Agent, backend: Backend
) -> None:
    record_events(agent, asks("Old", 0))

    assert recorded_history(agent, asks("New", 1, new_session=True)) == []
    assert recorded_history(agent, asks(minutes=2)) == [("user", "New")]


def test_other_chats_and_explicit_sessions_are_left_out(agent: Agent, backend: Backend) -> None:
    record_events(
        agent,
        asks("In a group", 0, chat="-100"),
        asks("Elsewhere", 1, session_id="s1"),
        asks("Here", 2),
        asks("/new", 3, role="system", new_session=True, chat="-100"),
    )

    assert recorded_history(agent, asks(minutes=4)) == [("user", "Here")]
    assert recorded_history(agent, asks(minutes=5, chat="-100")) == []


def test_a_dialogue_may_be_of_several_users_of_one_person(agent: Agent, backend: Backend) -> None:
    before = {"external_id": "visitor-1"}
    first = asks("One", 0, **before)
    record_events(agent, first, replies("First", 1, **before), asks("Two", 2))
    record_events(agent, replies("Late", 3, **before), asks("Else", 3, external_id="omar"))
    last = asks("Three", 4)
    record_events(agent, last)
    dialogue = [user_id(agent.id, event.platform, event.external_id) for event in (first, last)]

    def texts(event: Event) -> list[str]:
        question = question_of(agent, event, backend, verified=False, dialogue=dialogue)
        return [turn.text for turn in question.history]

    assert texts(last) == ["One", "First", "Two", "Late"]
    assert texts(first) == ["First"]  # tried again: the questions after it are not its history
    Backend.objects.filter(agent=agent).update(history_length=2)
    backend.refresh_from_db()
    assert texts(last) == ["Two", "Late"]


def test_answers_that_failed_and_tools_are_left_out(agent: Agent, backend: Backend) -> None:
    record_events(
        agent,
        asks("One", 0),
        replies("Half an ans", 1, failed=True, error="timeout"),
        replies("{}", 2, role="tool"),
        replies("First", 3),
    )

    assert recorded_history(agent, asks(minutes=4)) == [("user", "One"), ("agent", "First")]


def test_later_messages_and_itself_are_left_out(agent: Agent, backend: Backend) -> None:
    record_events(agent, asks("Before", 0), asks("After", 9))

    assert recorded_history(agent, asks(minutes=4)) == [("user", "Before")]


def test_an_answer_that_came_while_the_next_message_waited_is_in_the_history(
    agent: Agent, backend: Backend
) -> None:
    record_events(agent, asks("One", 0), two := asks("Two", 1), replies("First", 2))
    dialogue = [("user", "One"), ("agent", "First")]
    history = question_of(agent, two, backend_of(agent), verified=False).history
    assert [(turn.role, turn.text) for turn in history] == dialogue

    record_events(agent, asks("Three", 3), replies("Second", 4))
    assert question_of(agent, two, backend_of(agent), verified=False).history == history


def test_without_stored_texts_there_is_no_history(agent: Agent, backend: Backend) -> None:
    Agent.objects.filter(id=agent.id).update(keep_texts=False)
    agent.refresh_from_db()
    record_events(agent, asks("One", 0))
    event = asks("Two", 1)
    record_events(agent, event)

    question = question_of(agent, event, backend_of(agent), verified=False)

    assert (question.history, question.text) == ([], "Two")


def test_the_asker_is_described_from_the_ledger(agent: Agent, backend: Backend) -> None:
    event = asks(name="Maya", email="maya@example.com", language="de", plan="pro")
    event.attributes = {"team": "red"}
    record_events(agent, event)

    asker = question_of(agent, event, backend_of(agent), verified=True).asker

    user = EndUser.objects.get(agent=agent)
    assert (asker.id, asker.platform, asker.external_id) == (user.id, "web", "maya")
    assert (asker.name, asker.email, asker.language) == ("Maya", "maya@example.com", "de")
    assert (asker.plan, asker.attributes, asker.verified) == ("pro", {"team": "red"}, True)


def test_the_session_stays_the_same_in_a_dialogue_and_is_another_in_the_next(
    agent: Agent, backend: Backend
) -> None:
    names = []
    for event in (asks(minutes=0), asks(minutes=1), asks(minutes=2, new_session=True)):
        record_events(agent, event)
        names.append(question_of(agent, event, backend_of(agent), verified=False).session)

    first, second, third = names
    assert first == second != third


def test_the_question_may_differ_from_the_written_text(agent: Agent, backend: Backend) -> None:
    event = asks("", message_id="photo")
    record_events(agent, event)

    assert (
        question_of(agent, event, backend_of(agent), verified=False, text="[a photo]").text
        == "[a photo]"
    )


# --- answering ---


@pytest.fixture
def question(agent: Agent, backend: Backend) -> Question:
    event = asks()
    record_events(agent, event)
    return question_of(agent, event, backend_of(agent), verified=False)


def answer_from(
    monkeypatch: pytest.MonkeyPatch, question: Question, *pieces: Piece | BaseException
) -> tuple[Answer, list[str]]:
    """The answer by a backend that yields or raises these pieces, and what the person received."""

    def stream(*_: object) -> Iterator[Piece]:
        for piece in pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    monkeypatch.setattr(answering, "stream", stream)
    spoken: list[str] = []
    return answer(question, spoken.append), spoken


def test_an_answer_is_passed_on_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch, question: Question
) -> None:
    usage = Usage("gpt-x", 12, 3, 4, 500)

    result, spoken = answer_from(monkeypatch, question, "Hel", "lo", usage, ".")

    assert spoken == ["Hel", "lo", "."]
    assert (result.text, result.usage, result.error) == ("Hello.", usage, "")
    assert result.is_worth_keeping


def test_a_failure_keeps_the_text_so_far(
    monkeypatch: pytest.MonkeyPatch, question: Question
) -> None:
    result, _ = answer_from(monkeypatch, question, "Half", Usage("m", 3), BackendError("timeout"))

    assert (result.text, result.error, result.usage.model) == ("Half", "timeout", "m")
    assert not result.is_cancelled


def test_our_own_bug_is_a_failure_without_details(
    monkeypatch: pytest.MonkeyPatch, question: Question
) -> None:
    result, _ = answer_from(monkeypatch, question, "Half", KeyError("the person's text"))

    assert result.text == "Half"
    assert "person" not in result.error
    assert "log" in result.error


def test_an_empty_answer_is_a_failure(monkeypatch: pytest.MonkeyPatch, question: Question) -> None:
    result, _ = answer_from(monkeypatch, question, Usage("m", 3), "")

    assert result.error == "the answer was empty"


def test_an_answer_of_the_maximum_length_is_complete(
    monkeypatch: pytest.MonkeyPatch, question: Question
) -> None:
    result, _ = answer_from(monkeypatch, question, "x" * (MAX_TEXT - 1), "x", Usage("m"), "")

    assert (len(result.text), result.error) == (MAX_TEXT, "")


def test_an_answer_that_is_too_long_is_cut_and_keeps_its_usage(
    monkeypatch: pytest.MonkeyPatch, question: Question, caplog: pytest.LogCaptureFixture
) -> None:
    usage = Usage("gpt-x", 12, 3, 4, 500)
    result, spoken = answer_from(monkeypatch, question, "x" * (MAX_TEXT - 1), "xyz", "more", usage)

    assert "".join(spoken) == result.text
    assert len(result.text) == MAX_TEXT
    assert result.text.endswith("x\n\n[…]")
    assert (result.usage, result.error) == (usage, "")
    assert "is cut" in caplog.text


def test_a_backend_that_never_ends_is_not_read_for_ever(
    monkeypatch: pytest.MonkeyPatch, question: Question
) -> None:
    result, _ = answer_from(monkeypatch, question, *["x" * MAX_TEXT] * 11, OSError("read on"))

    assert (len(result.text), result.error) == (MAX_TEXT, "")


def test_an_answer_of_any_length_is_recorded(agent: Agent) -> None:
    event = make_event(time=NOW)
    record_events(agent, event)
    result = Answer("x" * (MAX_TEXT + 1), Usage("gpt-x", 1, 2, cost=7))

    assert record_answer(agent, event, result).status == "recorded"
    recorded = Message.objects.get(role="agent")
    assert (len(recorded.text), recorded.cost) == (MAX_TEXT, 7)


@pytest.mark.parametrize("ending", [CancelledError(), BackendError("closed"), OSError(), ""])
def test_a_cancelled_answer_is_not_a_failure_however_the_backend_ends(
    monkeypatch: pytest.MonkeyPatch, question: Question, ending: Piece | BaseException
) -> None:
    cancellation = Cancellation()

    def stream(*_: object) -> Iterator[Piece]:
        yield "Half"
        cancellation.cancel()
        if isinstance(ending, BaseException):
            raise ending

    monkeypatch.setattr(answering, "stream", stream)

    result = answer(question, lambda _: None, cancellation)

    assert (result.text, result.error, result.is_cancelled) == ("Half", "", True)
    assert result.is_worth_keeping


def test_an_answer_cancelled_before_its_first_word_is_not_recorded(
    monkeypatch: pytest.MonkeyPatch, question: Question
) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    monkeypatch.setattr(answering, "stream", lambda *_: iter(()))

    result = answer(question, lambda _: None, cancellation)

    assert (result.error, result.is_cancelled, result.is_worth_keeping) == ("", True, False)


# --- recording ---


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_recorded_once(agent: Agent) -> None:
    event = asks()
    record_events(agent, event)
    result = Answer("Hello.", Usage("m", 12, 3, 4, 500), latency_ms=7)

    statuses = [record_answer(agent, event, result).status for _ in range(2)]

    assert statuses[0] == "recorded"
    (kept,) = find_answers(agent, event)
    assert (kept.text, kept.model, kept.input_tokens, kept.cost) == ("Hello.", "m", 12, 500)
    assert (kept.latency_ms, kept.failed, kept.role) == (7, False, "agent")
    user = EndUser.objects.get(agent=agent)
    assert (user.total_messages_sent, user.total_chat_messages, user.user_cost) == (1, 2, 500)
    assert check(agent) == []


def test_each_attempt_has_its_own_answer_and_they_are_in_order(
    agent: Agent,
) -> None:
    event = asks()
    record_events(agent, event, asks("Another", 1))
    for attempt in range(MAX_ATTEMPTS, 1, -1):
        record_answer(agent, event, Answer(error="timeout"), attempt)
    record_answer(agent, event, Answer(f"Attempt {1}", error="timeout"), 1)

    found = find_answers(agent, event)

    assert [m.text for m in found] == ["Attempt 1", *[""] * (MAX_ATTEMPTS - 1)]
    assert all(m.failed and m.error == "timeout" for m in found)
    assert len({answer_id("m", n) for n in range(1, MAX_ATTEMPTS + 1)}) == MAX_ATTEMPTS


def test_the_answer_is_in_the_chat_and_session_of_its_question(agent: Agent) -> None:
    for event in (asks(chat="-100"), asks("Two", session_id="s1")):
        record_events(agent, event)
        record_answer(agent, event, Answer("Hello."))

        (kept,) = find_answers(agent, event)
        assert (kept.chat, kept.session_id) == (event.chat, event.session_id or "")


@pytest.mark.parametrize("role", ["user", "system"])
@pytest.mark.parametrize("minutes", [0, 1])
def test_an_answer_that_comes_after_a_new_conversation_began_stays_in_its_own(
    agent: Agent, role: str, minutes: int
) -> None:
    event = asks(message_id="7:1")
    start = asks("New", minutes, role=role, message_id="7:2", new_session=True)
    record_events(agent, event, start)
    record_answer(agent, event, Answer("To the old one."))

    assert recorded_history(agent, asks("And?", 3, message_id="7:3")) == (
        [("user", "New")] if role == "user" else []
    )
    in_order = Message.objects.order_by(*ORDER).values_list("text", flat=True)
    assert list(in_order) == ["And now?", "To the old one.", "New", "And?"]
    first = Session.objects.earliest("first_at", "first_position")
    assert (first.messages, first.messages_sent) == (2, 1)


def test_a_new_conversation_elsewhere_does_not_move_an_answer(agent: Agent) -> None:
    event = asks()
    record_events(
        agent,
        asks("Before", -1, new_session=True),
        event,
        asks("/new", 1, role="system", new_session=True, chat="-100"),
        asks("/new", 2, role="system", new_session=True, external_id="otto"),
    )
    record_answer(agent, event, Answer("Hello."))

    assert find_answers(agent, event)[0].sent_at >= NOW


def test_an_answer_is_never_older_than_its_question(agent: Agent) -> None:
    event = asks(time=timezone.now() + dt.timedelta(minutes=4))  # by a clock that is ahead
    record_events(agent, event)
    record_answer(agent, event, Answer("Hello."))

    assert find_answers(agent, event)[0].sent_at == event.time


@pytest.mark.parametrize(
    "usage",
    [
        Usage("m", input_tokens=3, cached_tokens=4),
        Usage("m", input_tokens=-3, output_tokens=-1),
        Usage("m" * 300, 10**12, 10**12, None, 10**15),
        Usage("m\0", cost=-1),
    ],
)
def test_an_answer_is_recorded_whatever_its_usage_claims(agent: Agent, usage: Usage) -> None:
    event = asks()
    record_events(agent, event)

    assert record_answer(agent, event, Answer("Hello.", usage)).status == "recorded"

    assert find_answers(agent, event)[0].text == "Hello."
    assert EndUser.objects.get(agent=agent).user_cost >= 0


def test_an_answer_is_recorded_whatever_its_texts_contain(agent: Agent) -> None:
    event = asks()
    record_events(agent, event)

    result = Answer("a\0b\ud83d", error="x" * 20_000)
    assert record_answer(agent, event, result).status == "recorded"

    assert find_answers(agent, event)[0].text == "a\ufffdb\ufffd"


def test_the_key_of_an_event_is_the_ledgers(agent: Agent) -> None:
    event = asks()
    admit(agent, event)

    assert Message.objects.get(end_user__agent=agent).id == key_of(agent, event)
