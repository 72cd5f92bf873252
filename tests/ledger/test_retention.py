"""Texts that are not kept are removed; messages and totals stay, and repeats are recognized."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger import recount, retention
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.record import record
from frontdesk.ledger.retention import OVERLAP, redact_texts
from tests import oracle
from tests.factories import make_agent, make_event, make_user, record_events
from tests.ledger.histories import History, copies, histories
from tests.ledger.test_concurrency import at_once

# check() chooses its isolation level, which needs a transaction of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

NOW = now()


def keep(agent: Agent, **fields: Any) -> None:
    """Change what the agent keeps."""
    Agent.objects.filter(id=agent.id).update(**fields)


def ago(days: float, **fields: Any) -> Any:
    """An event of that long ago, with a text that says how long."""
    return make_event(time=NOW - dt.timedelta(days=days), text=f"{days} days", **fields)


def texts(agent: Agent) -> list[str]:
    messages = Message.objects.filter(end_user__agent=agent).order_by("sent_at")
    return list(messages.values_list("text", flat=True))


class TestRemoving:
    def test_nothing_goes_while_all_is_kept(self, agent: Agent) -> None:
        record_events(agent, ago(1000))
        assert redact_texts(agent, NOW) == 0
        assert texts(agent) == ["1000 days"]

    def test_texts_of_older_days_go_and_the_rest_of_the_message_stays(self, agent: Agent) -> None:
        record_events(
            agent, ago(30.01, role="agent", error="timeout", model="gpt-4o", cost=7), ago(29.99)
        )
        keep(agent, keep_days=30)
        assert redact_texts(agent, NOW) == 1
        assert texts(agent) == ["", "29.99 days"]
        old = Message.objects.get(redacted=True)
        assert (old.error, old.failed, old.model, old.cost) == ("", True, "gpt-4o", 7)

    def test_all_texts_go_when_only_counts_are_kept(self, agent: Agent) -> None:
        record_events(agent, ago(30), ago(0), make_event(time=now() + dt.timedelta(minutes=4)))
        keep(agent, keep_texts=False)
        assert redact_texts(agent, NOW) == 3
        assert redact_texts(agent, NOW) == 0

    def test_messages_that_were_processed_are_skipped(self, agent: Agent) -> None:
        record_events(agent, ago(40), ago(29.5))
        keep(agent, keep_days=30)
        redact_texts(agent, NOW)
        agent.refresh_from_db()
        assert agent.texts_gone_before == NOW - dt.timedelta(days=30) - OVERLAP
        Message.objects.update(redacted=False)  # it would be found if it were processed
        assert redact_texts(agent, NOW + dt.timedelta(days=1)) == 1
        agent.refresh_from_db()
        assert agent.texts_gone_before == NOW - dt.timedelta(days=29) - OVERLAP

    def test_a_text_of_a_batch_that_was_not_committed_yet_goes_the_next_time(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record_events(agent, ago(29.99))
        keep(agent, keep_days=30)
        with monkeypatch.context() as unseen:
            unseen.setattr(retention, "_users", lambda *_: iter([]))
            assert redact_texts(agent, NOW + dt.timedelta(minutes=30)) == 0
        assert redact_texts(agent, NOW + dt.timedelta(hours=24)) == 1

    def test_only_this_agents_go(self, agent: Agent) -> None:
        other = make_agent("Bert")
        record_events(agent, ago(2))
        record_events(other, ago(2))
        keep(agent, keep_days=1)
        assert redact_texts(agent, NOW) == 1
        assert texts(other) == ["2 days"]

    def test_users_are_taken_in_portions(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "CHUNK", 3)
        monkeypatch.setattr(retention, "PORTION", 4)
        for number in range(10):
            record_events(
                agent, *(ago(turn + 2, external_id=str(number)) for turn in range(1 + number % 4))
            )
        make_user(agent, "Recent", time=now())
        keep(agent, keep_days=1)
        reported: list[int] = []
        assert redact_texts(agent, NOW, reported.append) == Message.objects.count() - 1
        assert sum(reported) == 10
        assert max(reported) <= 3


class TestRecording:
    def test_a_text_that_is_not_kept_is_not_stored(self, agent: Agent) -> None:
        keep(agent, keep_days=30)
        record_events(agent, ago(31, role="agent", error="timeout"), ago(29))
        assert texts(agent) == ["", "29 days"]
        assert EndUser.objects.get().failed_messages == 1
        keep(agent, keep_texts=False)
        record_events(agent, ago(1))
        assert texts(agent) == ["", "29 days", ""]
        assert not Message.objects.filter(error="timeout").exists()

    def test_a_repeat_is_a_duplicate_whatever_its_text(self, agent: Agent) -> None:
        keep(agent, keep_texts=False)
        event = ago(1, role="agent", error="timeout")
        record_events(agent, event)
        for changes in ({}, {"text": "another"}, {"error": "another"}):
            outcome = record(agent, [msgspec.structs.replace(event, **changes)])[0]
            assert outcome.status == "duplicate"
        other_role = record(agent, [msgspec.structs.replace(event, role="user", error=None)])[0]
        assert other_role.status == "conflict"

    def test_an_edit_brings_no_text_back(self, agent: Agent) -> None:
        keep(agent, keep_texts=False)
        event = ago(1)
        record_events(agent, event)
        keep(agent, keep_texts=True)
        record_events(agent, msgspec.structs.replace(event, text="edited", edited_at=NOW))
        message = Message.objects.get()
        assert (message.text, message.edited_at, message.redacted) == ("", NOW, True)

    def test_repeats_in_one_batch_are_compared_before_their_text_goes(self, agent: Agent) -> None:
        keep(agent, keep_texts=False)
        event = ago(1)
        batch = [event, msgspec.structs.replace(event), msgspec.structs.replace(event, text="x")]
        assert [o.status for o in record(agent, batch)] == ["recorded", "duplicate", "conflict"]
        assert texts(agent) == [""]

    def test_old_texts_that_come_when_all_is_kept_again_go_when_it_is_not(
        self, agent: Agent
    ) -> None:
        keep(agent, keep_days=30)
        record_events(agent, ago(31))
        redact_texts(agent, NOW)
        keep(agent, keep_days=None)
        record_events(agent, ago(50))
        assert texts(agent) == ["50 days", ""]
        keep(agent, keep_days=30)
        assert redact_texts(agent, NOW) == 1
        assert texts(agent) == ["", ""]


@given(histories(), st.integers(0, 20), st.booleans())
def test_totals_stay_and_repeats_are_known(
    db: None, history: History, days: int, only_counts: bool
) -> None:
    """Some batches are recorded before the texts are removed, some after, and then all again."""
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    half = len(history.batches) // 2
    last = max(event.time for event in history.events)
    for batch in history.batches[:half]:
        record(agent, copies(batch))
    keep(agent, keep_texts=not only_counts, keep_days=1)
    redact_texts(agent, last + dt.timedelta(days=1 - days))
    for batch in history.batches[half:]:
        record(agent, copies(batch))
    state = without_texts(oracle.read(agent))
    assert state == without_texts(oracle.recount(agent, history.events))
    again = record(agent, copies(history.events[::-1]))
    assert {outcome.status for outcome in again} == {"duplicate"}
    assert without_texts(oracle.read(agent)) == state
    assert recount.check(agent) == []
    redact_texts(agent, now())
    assert not Message.objects.filter(end_user__agent=agent, redacted=False).exists()
    assert not Message.objects.filter(end_user__agent=agent).exclude(text="", error="").exists()


def without_texts(state: oracle.State) -> oracle.State:
    for messages in state.messages.values():
        for message in messages:
            message["text"] = message["error"] = ""
        messages.sort(key=lambda message: str(message["id"]))
    return state


def test_removing_during_recording(agent: Agent) -> None:
    record_events(
        agent, *(ago(day, external_id=str(user)) for user in range(5) for day in range(20))
    )
    keep(agent, keep_days=7)

    def report() -> None:
        for day in range(20):
            record(agent, [ago(day + 0.5, external_id=str(user)) for user in range(8)])

    def remove() -> None:
        for _ in range(5):
            redact_texts(agent, now())

    at_once(report, remove)
    redact_texts(agent, now())
    kept = Message.objects.filter(redacted=False)
    assert not kept.filter(sent_at__lt=now() - dt.timedelta(days=7, minutes=1)).exists()
    assert kept.count() == 5 * 7 + 8 * 7
    assert recount.check(agent) == []
