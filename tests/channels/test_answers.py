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
Begin = Callable[..., AnswerStream]


@pytest.fixture
def event(agent: Agent) -> Event:
    """A message that was just admitted."""
    make_backend(agent)
    event = make_event(platform="web", time=timezone.now())
    assert admit(agent, event).admitted
    return event


@pytest.fixture
def begin(agent: Agent, event: Event) -> Begin:
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


def test_who_comes_later_reads_it_from_the_first_word(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("One ", Script.WAIT, "two.").play(monkeypatch)
    stream = begin()
    eventually(lambda: script.questions)
    with closing(begin().follow(SILENCE)) as second:
        assert next(second) == "One "
        script.go.set()
        assert "".join(second) == "two."
    assert whole(stream) == "One two."
    assert stream.result.text == "One two."
    assert len(script.questions) == 1


def test_silence_is_told(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(Script.WAIT, "At last.").play(monkeypatch)
    with closing(begin().follow(0.01)) as pieces:
        assert next(pieces) == ""
        script.go.set()
        assert "At last." in list(pieces)


def test_what_is_stopped_keeps_what_was_said_and_is_no_failure(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    Script("Once upon ", Script.WAIT, "a time").play(monkeypatch)
    stream = begin()
    with closing(stream.follow(SILENCE)) as pieces:
        assert next(pieces) == "Once upon "
        answers.stop(stream.user, stream.key)
        assert list(pieces) == []
    assert (stream.result.stopped, stream.result.failed) == (True, False)
    kept = Message.objects.get(role="agent")
    assert (kept.text, kept.failed, str(kept.id)) == ("Once upon ", False, str(stream.result.key))
    assert not Answering.objects.exists()


def test_stopped_before_the_first_word_nothing_is_kept_and_it_may_be_asked_again(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(Script.WAIT, "Now.").play(monkeypatch)
    stream = begin()
    eventually(lambda: script.questions)
    stream.stop()
    assert whole(stream) == ""
    assert stream.result.key is None
    assert not Message.objects.filter(role="agent").exists()
    assert not Answering.objects.exists()
    script.go.set()
    assert whole(begin()) == "Now."


def test_what_nobody_follows_any_more_is_cancelled(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_TICK", 0.05)
    Script("Are you ", Script.WAIT, "there?").play(monkeypatch)
    stream = begin()
    with closing(stream.follow(SILENCE)) as pieces:
        assert next(pieces) == "Are you "
        monkeypatch.setattr(answers, "IDLE_TIMEOUT", 0.0)
        assert not stream.is_abandoned()
    stream.join(PATIENCE)
    assert Message.objects.get(role="agent").text == "Are you "
    assert stream.result.stopped


def test_when_the_process_ends_what_was_said_is_kept_to_be_asked_for_again(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script("Half ", Script.WAIT, "whole.").play(monkeypatch)
    stream = begin()
    with closing(stream.follow(SILENCE)) as pieces:
        next(pieces)
        answers.interrupt_all("the server was stopped", PATIENCE)
    kept = Message.objects.get(role="agent")
    assert (kept.text, kept.failed, kept.error) == ("Half ", True, "the server was stopped")
    script.go.set()
    assert whole(begin(again=True)) == "Half whole."


def test_what_another_process_answers_is_waited_for(
    begin: Begin, agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "POLL_EVERY", 0.02)
    script = Script("Mine.").play(monkeypatch)
    lease_of_another(agent, event, timezone.now() + dt.timedelta(seconds=25))
    stream = begin()
    with closing(stream.follow(0.1)) as pieces:
        assert next(pieces) == ""
        record(agent, [answer_event(event, answering.Answer("Theirs."))])
        Answering.objects.all().delete()
        eventually(lambda: not stream._thread.is_alive())
    assert stream.result.text == "Theirs."
    assert script.questions == []


def test_what_a_dead_process_has_left_is_taken_over(
    begin: Begin, agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "POLL_EVERY", 0.02)
    Script("Mine.").play(monkeypatch)
    lease_of_another(agent, event, timezone.now() + dt.timedelta(seconds=0.3))
    assert whole(begin()) == "Mine."
    assert not Answering.objects.exists()


def test_a_lease_is_prolonged_and_one_that_was_ended_elsewhere_stops_its_answer(
    begin: Begin, agent: Agent, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_TICK", 0.02)
    monkeypatch.setattr(answers, "RENEW_EVERY", 0.02)
    Script("Said. ", Script.WAIT, "Unsaid.").play(monkeypatch)
    stream = begin()
    with closing(stream.follow(SILENCE)) as pieces:
        next(pieces)
        first = Answering.objects.get().until
        eventually(lambda: Answering.objects.get().until > first)
        leases.ask_to_stop(stream.user, stream.key)
        assert list(pieces) == []
    assert stream.result.stopped
    assert Message.objects.get(role="agent").text == "Said. "


@pytest.mark.parametrize("may_return", [False, True])
def test_who_is_erased_meanwhile_leaves_nothing(
    begin: Begin,
    agent: Agent,
    may_return: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script("Too ", Script.WAIT, "late.").play(monkeypatch)
    stream = begin()
    with closing(stream.follow(SILENCE)) as pieces:
        next(pieces)
        erase.erase(agent, stream.user, "olivia", may_return=may_return)
        script.go.set()
        assert list(pieces) == ["late."]
    assert stream.result.key is None
    assert not Answering.objects.exists()
    assert not Message.objects.exists()
    with caplog.at_level(logging.ERROR):
        assert whole(begin()) == ""
    assert not EndUser.objects.exists()
    assert not Answering.objects.exists()
    assert caplog.records == []


def test_an_answer_that_cannot_be_recorded_is_a_failure_and_its_lease_ends_by_itself(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Script("A secret of the person's").play(monkeypatch)

    def fail(*_: object) -> None:
        raise RuntimeError("no disk")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "record_and_release", fail)
        stream = begin()
        whole(stream)
    assert stream.result.failed
    assert stream.result.key is None
    assert "secret" not in caplog.text
    assert whole(begin()) == "A secret of the person's"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="has no pool to give it back to")
def test_no_connection_is_held_while_the_answer_is_waited_for(
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


def test_another_process_gets_no_turn_before_the_lease_has_ended(
    agent: Agent, event: Event
) -> None:
    other = uuid.uuid4()
    assert leases.acquire(agent, event, again=False) == 1
    assert leases.acquire(agent, event, again=False) == 1  # in one process `start` keeps them apart
    assert leases.acquire(agent, event, again=False, owner=other) is None
    Answering.objects.update(until=timezone.now())
    assert leases.acquire(agent, event, again=False, owner=other) == 1


def test_of_processes_that_ask_at_once_one_has_the_turn(agent: Agent, event: Event) -> None:
    lease_of_another(agent, event, NEVER)
    turns: list[bool] = []

    def acquire_as_another() -> None:
        turns.append(leases.acquire(agent, event, again=False, owner=uuid.uuid4()) == 1)

    at_once(*[acquire_as_another] * 8)
    assert sorted(turns) == [False] * 7 + [True]
