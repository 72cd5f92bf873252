"""A visitor's message: admitted by the gate, answered in a stream, recorded once."""

import uuid

import pytest
from django.db import OperationalError

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.backends.question import BackendError, Usage
from frontdesk.channels import answers
from frontdesk.channels.conversation import MAX_ATTEMPTS
from frontdesk.channels.models import Answering
from frontdesk.channels.web import streams, talk_views
from frontdesk.gate import blocks
from frontdesk.ledger import recount
from frontdesk.ledger.models import EndUser, Message
from tests.channels.web.chatting import Script, Visitor, open_chat, said_in
from tests.ledger.test_concurrency import at_once
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(agent: Agent) -> Visitor:
    open_chat(agent)
    visitor = Visitor(agent)
    visitor.arrive()
    return visitor


def roles(agent: Agent) -> list[str]:
    return list(Message.objects.order_by("sent_at", "role").values_list("role", flat=True))


def test_an_answer_streams_and_both_messages_are_recorded(
    visitor: Visitor, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("Hel", "lo.", Usage("gpt-4o", 10, 2)).play(monkeypatch)
    events = visitor.send("Hi")

    assert events[0][0] == "accepted"
    assert said_in(events) == "Hello."
    name, done = events[-1]
    assert (name, done["text"], done["stopped"]) == ("done", "Hello.", False)
    question, answer = Message.objects.order_by("sent_at")
    assert (question.role, question.text, str(question.id)) == ("user", "Hi", events[0][1]["key"])
    assert (answer.role, answer.text, str(answer.id)) == ("agent", "Hello.", done["key"])
    assert (answer.model, answer.input_tokens) == ("gpt-4o", 10)
    assert script.questions[0].text == "Hi"
    assert not script.questions[0].asker.verified
    user = EndUser.objects.get()
    assert (user.platform, user.total_messages_sent, user.language) == ("web", 1, "en")
    assert not Answering.objects.exists()
    assert recount.check(agent) == []


def test_a_repeated_message_has_the_same_answer_and_is_asked_once(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("Once.").play(monkeypatch)
    id_ = str(uuid.uuid4())
    first, second = visitor.send(id_=id_), visitor.send("another text", id_=id_)

    assert first[0] == second[0]
    assert first[-1] == second[-1]
    assert len(script.questions) == 1
    assert Message.objects.count() == 2


def test_sent_ten_times_at_once_it_is_one_message_with_one_answer(
    visitor: Visitor, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("One ", 0.2, "answer.").play(monkeypatch)
    id_, ends = str(uuid.uuid4()), []

    def send() -> None:
        ends.append(Visitor(agent, token=visitor.token).send(id_=id_)[-1])

    at_once(*[send] * 10)
    assert len(script.questions) == 1
    assert [ends[0]] * 10 == ends
    assert ends[0][1]["text"] == "One answer."
    assert sorted(roles(agent)) == ["agent", "user"]


def test_a_failed_answer_is_reported_and_can_be_retried(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("It ", BackendError("429 from secret-host")).play(monkeypatch)
    id_ = str(uuid.uuid4())
    failed = visitor.send(id_=id_)[-1]

    assert failed[0] == "failed"
    assert failed[1]["said"] == "It "
    assert "secret-host" not in str(failed)
    assert visitor.send(id_=id_)[-1] == failed
    kept = Message.objects.get(role="agent")
    assert (kept.failed, kept.text, kept.error) == (True, "It ", "429 from secret-host")

    script.pieces = ["It works."]
    assert visitor.send(id_=id_, again=True)[-1][1]["text"] == "It works."
    assert visitor.send(id_=id_, again=True)[-1][1]["text"] == "It works."
    assert len(script.questions) == 2
    assert EndUser.objects.get().total_messages_sent == 1


def test_retries_are_limited(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(BackendError("down")).play(monkeypatch)
    id_ = str(uuid.uuid4())
    for _ in range(MAX_ATTEMPTS + 2):
        assert visitor.send(id_=id_, again=True)[-1][0] == "failed"
    assert len(script.questions) == MAX_ATTEMPTS


def test_half_an_emoji_of_a_visitor_is_mended(visitor: Visitor, agent: Agent) -> None:
    assert visitor.send("Cut \ud83d off")[-1][0] == "done"
    assert Message.objects.get(role="user").text == "Cut \ufffd off"
    assert visitor.post("messages", '{"id": "\\ud83d"}').status_code == 422
    assert visitor.post("messages", '{"text": "\\u00"}').status_code == 400
    assert visitor.post("messages", '{"text": "\\ud83d", "id": NaN}').status_code == 400


def test_half_an_emoji_of_a_backend_breaks_nothing(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    Script("Hi \ud83d", "!").play(monkeypatch)
    events = visitor.send("Hello")
    assert said_in(events) == events[-1][1]["text"] == "Hi \ufffd!"
    assert Message.objects.get(role="agent").text == "Hi \ufffd!"


def test_a_database_failure_is_reported_and_logged_without_the_text(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the disk is full")

    monkeypatch.setattr(talk_views, "admit", fail)
    response = visitor.post("messages", {"id": str(uuid.uuid4()), "text": "my secret"})
    assert response.status_code == 503
    assert "the disk is full" in caplog.text
    assert "my secret" not in caplog.text


def test_a_blocked_visitor_reads_the_operators_text_and_the_backend_is_not_asked(
    visitor: Visitor, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("Hello.").play(monkeypatch)
    visitor.send()
    blocks.block(agent, [EndUser.objects.get().id], "spam", None, "", "Not here, please.", "olivia")
    ((name, data),) = visitor.send()

    assert (name, data["reason"], data["text"]) == ("refused", "blocked", "Not here, please.")
    assert data["retryAt"] is None
    assert len(script.questions) == 1
    assert Message.objects.count() == 2


def test_over_a_limit_the_time_to_retry_is_in_the_browsers_language(
    visitor: Visitor, agent: Agent
) -> None:
    agent.limits = {"messages_per_day": 0}
    agent.save()
    visitor.language = "de-AT,de;q=0.9"
    assert "Limit" in visitor.send()[0][1]["text"]
    agent.limits = {"messages_per_day": 1}
    agent.save()
    visitor.send()
    ((name, data),) = visitor.send()
    assert (name, data["reason"]) == ("refused", "messages_per_day")
    assert data["retryAt"].endswith("Z")


def test_an_agent_can_admit_only_verified_people(visitor: Visitor, agent: Agent) -> None:
    agent.access = Agent.Access.VERIFIED
    agent.save()
    assert visitor.send()[0][1]["reason"] == "not_verified"


def test_an_agent_that_does_not_answer_here_records_nothing(visitor: Visitor, agent: Agent) -> None:
    Backend.objects.all().delete()
    assert visitor.arrive()["answersHere"] is False
    response = visitor.post("messages", {"id": str(uuid.uuid4()), "text": "Hello"})

    assert (response.status_code, response.json()["error"]["code"]) == (409, "unavailable")
    assert not EndUser.objects.exists()


def test_a_new_conversation_starts_a_session_and_has_no_history(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("Yes.").play(monkeypatch)
    visitor.send("One")
    visitor.send("Two")
    visitor.send("Three", newSession=True)

    history = [[turn.text for turn in question.history] for question in script.questions]
    assert history == [[], ["One", "Yes."], []]
    assert EndUser.objects.get().total_sessions == 2


def test_a_text_that_is_not_stored_is_still_answered(
    visitor: Visitor, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    Agent.objects.update(keep_texts=False)
    script = Script(BackendError("down")).play(monkeypatch)
    id_ = str(uuid.uuid4())
    visitor.send("Hi", id_=id_)
    visitor.send("Hi", id_=id_, again=True)
    assert [question.text for question in script.questions] == ["Hi", "Hi"]
    assert set(Message.objects.values_list("text", flat=True)) == {""}


class TestStreams:
    """Streamed answers hold threads of the server, and some stay free for other requests."""

    @pytest.fixture(autouse=True)
    def two_slots(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "max_streams", lambda: 2)

    def test_with_all_stream_slots_taken_a_message_waits_and_is_not_recorded(
        self, visitor: Visitor
    ) -> None:
        assert streams.acquire()
        assert streams.acquire()
        try:
            response = visitor.post("messages", {"id": str(uuid.uuid4()), "text": "Hello"})
            assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
            assert not Message.objects.exists()
        finally:
            streams.release()
            streams.release()
        assert said_in(visitor.send("Hello"))

    def test_each_stream_slot_is_released(self, visitor: Visitor, agent: Agent) -> None:
        for number in range(5):
            assert said_in(visitor.send(f"Hello {number}"))
        agent.access = Agent.Access.CLOSED
        agent.save()
        for _ in range(5):
            assert visitor.send("Hello")[0][0] == "refused"

    def test_leaving_before_the_first_word_releases_the_slot_too(self, visitor: Visitor) -> None:
        for _ in range(5):
            response = visitor.post("messages", {"id": str(uuid.uuid4()), "text": "Hello"})
            assert response.status_code == 200
            response.close()
        answers.interrupt_all("the test is over", PATIENCE)
