"""Answers in progress: followed, stopped, abandoned, and taken over from dead processes."""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from contextlib import closing

import pytest
from django.db import connection
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends import answering
from frontdesk.channels import answers, leases
from frontdesk.channels.answers import AnswerStream
from frontdesk.channels.conversation import answer_event, key_of, question_of
from frontdesk.channels.models import Answering
from frontdesk.gate.admission import admit
from frontdesk.ledger import erase
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.models import NEVER, EndUser, Message
from frontdesk.ledger.record import record
from tests.channels.web.chatting import Script
from tests.factories import make_backend, make_event
from tests.ledger.test_concurrency import at_once
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.django_db(transaction=True)
SILENCE = 30.0
Start = Callable[..., AnswerStream]


@pytest.fixture
def event(agent: Agent) -> Event:
    """A message that was just admitted."""
    make_backend(agent)
    event = make_event(platform="web", time=timezone.now())
    assert admit(agent, event).admitted
    return event


@pytest.fixture
def start(agent: Agent, event: Event) -> Start:
    backend = agent.backend
    return lambda **how: answers.start(
        agent, event, lambda: question_of(agent, event, backend, verified=False), **how
    )


def whole(stream: AnswerStream) -> str:
    return "".join(stream.follow(SILENCE))


def lease_of_another(agent: Agent, event: Event, until: dt.datetime) -> uuid.UUID:
    user = user_id(agent.id, event.platform, event.external_id)
    Answering.objects.create(
        end_user_id=user, message_id=key_of(agent, event), owner=uuid.uuid4(), until=until
    )
    return user


def test_a_late_follower_reads_from_the_first_word(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("One ", Script.WAIT, "two.").play(monkeypatch)
    stream = start()
    eventually(lambda: script.questions)
    with closing(start().follow(SILENCE)) as second:
        assert next(second) == "One "
        script.go.set()
        assert "".join(second) == "two."
    assert whole(stream) == "One two."
    assert stream.result.text == "One two."
    assert len(script.questions) == 1


def test_silence_yields_an_empty_piece(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(Script.WAIT, "At last.").play(monkeypatch)
    with closing(start().follow(0.01)) as pieces:
        assert next(pieces) == ""
        script.go.set()
        assert "At last." in list(pieces)


def test_a_stopped_answer_keeps_its_text_and_is_not_a_failure(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    Script("Once upon ", Script.WAIT, "a time").play(monkeypatch)
    stream = start()
    with closing(stream.follow(SILENCE)) as pieces:
        assert next(pieces) == "Once upon "
        answers.stop(stream.user, stream.key)
        assert list(pieces) == []
    assert (stream.result.stopped, stream.result.failed) == (True, False)
    kept = Message.objects.get(role="agent")
    assert (kept.text, kept.failed, str(kept.id)) == ("Once upon ", False, str(stream.result.key))
    assert not Answering.objects.exists()


def test_an_answer_stopped_before_its_first_word_is_not_recorded_and_may_be_retried(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(Script.WAIT, "Now.").play(monkeypatch)
    stream = start()
    eventually(lambda: script.questions)
    stream.stop()
    assert whole(stream) == ""
    assert stream.result.key is None
    assert not Message.objects.filter(role="agent").exists()
    assert not Answering.objects.exists()
    script.go.set()
    assert whole(start()) == "Now."


def test_an_abandoned_answer_is_cancelled(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_TICK", 0.05)
    Script("Are you ", Script.WAIT, "there?").play(monkeypatch)
    stream = start()
    with closing(stream.follow(SILENCE)) as pieces:
        assert next(pieces) == "Are you "
        monkeypatch.setattr(answers, "IDLE_TIMEOUT", 0.0)
        assert not stream.is_abandoned()
    stream.join(PATIENCE)
    assert Message.objects.get(role="agent").text == "Are you "
    assert stream.result.stopped


def test_when_the_process_ends_the_text_so_far_is_recorded_and_can_be_retried(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("Half ", Script.WAIT, "whole.").play(monkeypatch)
    stream = start()
    with closing(stream.follow(SILENCE)) as pieces:
        next(pieces)
        answers.interrupt_all("the server was stopped", PATIENCE)
    kept = Message.objects.get(role="agent")
    assert (kept.text, kept.failed, kept.error) == ("Half ", True, "the server was stopped")
    script.go.set()
    assert whole(start(again=True)) == "Half whole."


def test_an_answer_in_another_process_is_waited_for(
    start: Start, agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "POLL_EVERY", 0.02)
    script = Script("Mine.").play(monkeypatch)
    lease_of_another(agent, event, timezone.now() + dt.timedelta(seconds=25))
    stream = start()
    with closing(stream.follow(0.1)) as pieces:
        assert next(pieces) == ""
        record(agent, [answer_event(event, answering.Answer("Theirs."))])
        Answering.objects.all().delete()
        eventually(lambda: not stream._thread.is_alive())
    assert stream.result.text == "Theirs."
    assert script.questions == []


def test_a_question_that_waits_for_a_dead_process_has_failed_when_this_one_stops(
    start: Start, agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    Script("Mine.").play(monkeypatch)
    lease_of_another(agent, event, timezone.now() + dt.timedelta(seconds=25))
    stream = start()
    with closing(stream.follow(0.05)) as pieces:
        assert next(pieces) == ""
        answers.interrupt_all("the server was stopped", PATIENCE)
        assert "".join(pieces) == ""
    assert (stream.result.failed, stream.result.stopped) == (True, False)
    assert not Message.objects.filter(role="agent").exists()


def test_an_answer_of_a_dead_process_is_taken_over(
    start: Start, agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "POLL_EVERY", 0.02)
    Script("Mine.").play(monkeypatch)
    lease_of_another(agent, event, timezone.now() + dt.timedelta(seconds=0.3))
    assert whole(start()) == "Mine."
    assert not Answering.objects.exists()


def test_a_lease_is_renewed_and_one_ended_elsewhere_stops_its_answer(
    start: Start, agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_TICK", 0.02)
    monkeypatch.setattr(answers, "RENEW_EVERY", 0.02)
    Script("Said. ", Script.WAIT, "Unsaid.").play(monkeypatch)
    stream = start()
    with closing(stream.follow(SILENCE)) as pieces:
        next(pieces)
        first = Answering.objects.get().until
        eventually(lambda: Answering.objects.get().until > first)
        leases.ask_to_stop(stream.user, stream.key)
        assert list(pieces) == []
    assert stream.result.stopped
    assert Message.objects.get(role="agent").text == "Said. "


@pytest.mark.parametrize("may_return", [False, True])
def test_a_user_erased_meanwhile_leaves_nothing(
    start: Start,
    agent: Agent,
    may_return: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script("Too ", Script.WAIT, "late.").play(monkeypatch)
    stream = start()
    with closing(stream.follow(SILENCE)) as pieces:
        next(pieces)
        erase.erase(agent, stream.user, "olivia", may_return=may_return)
        script.go.set()
        assert list(pieces) == ["late."]
    assert stream.result.key is None
    assert not Answering.objects.exists()
    assert not Message.objects.exists()
    with caplog.at_level(logging.ERROR):
        assert whole(start()) == ""
    assert not EndUser.objects.exists()
    assert not Answering.objects.exists()
    assert caplog.records == []


def test_an_answer_that_cannot_be_recorded_is_a_failure_and_its_lease_ends_by_itself(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Script("A secret of the person's").play(monkeypatch)

    def fail(*_: object) -> None:
        raise RuntimeError("no disk")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "record_and_release", fail)
        stream = start()
        whole(stream)
    assert stream.result.failed
    assert stream.result.key is None
    assert "secret" not in caplog.text
    assert whole(start()) == "A secret of the person's"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no connection pool")
def test_no_connection_is_held_while_waiting_for_the_answer(
    agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(*_: object) -> list[str]:
        seen.append(connection.connection)
        return ["Hello."]

    monkeypatch.setattr(answering, "stream", look)
    stream = answers.start(
        agent, event, lambda: question_of(agent, event, agent.backend, verified=False)
    )
    assert whole(stream) == "Hello."
    assert seen == [None]


def test_another_process_gets_no_lease_before_the_first_has_ended(
    agent: Agent, event: Event
) -> None:
    other = uuid.uuid4()
    assert leases.acquire(agent, event, again=False) == 1
    assert leases.acquire(agent, event, again=False) == 1  # in one process `start` keeps them apart
    assert leases.acquire(agent, event, again=False, owner=other) is None
    Answering.objects.update(until=timezone.now())
    assert leases.acquire(agent, event, again=False, owner=other) == 1


def test_one_of_several_processes_gets_the_lease(agent: Agent, event: Event) -> None:
    lease_of_another(agent, event, NEVER)
    turns: list[bool] = []

    def acquire_as_another() -> None:
        turns.append(leases.acquire(agent, event, again=False, owner=uuid.uuid4()) == 1)

    at_once(*[acquire_as_another] * 8)
    assert sorted(turns) == [False] * 7 + [True]
