"""Anonymizing a user: the history and its numbers stay, without the identity."""

import json
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils.timezone import now
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger import anonymize as anonymizing
from frontdesk.ledger import erasures, linking, recount, tombstones
from frontdesk.ledger.anonymize import KEPT, MOVED, anonymize
from frontdesk.ledger.assign import assign_attributes, change_tags
from frontdesk.ledger.erase import erase
from frontdesk.ledger.models import EndUser, Erasure, FacetCount, Message, Session
from frontdesk.ledger.record import record
from tests.factories import make_agent, make_conversation, make_event, make_user, record_events
from tests.factories.owned_rows import COLUMN, fill_owned_tables, rows_of, tables_with_a_user
from tests.ledger.histories import History, copies, histories
from tests.ledger.test_erase import reasons, rollups

# check() chooses its isolation level, which needs a transaction of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

NEW = {
    *("id", "external_id", "name", "username", "email", "avatar_url", "attributes"),
    *("field_times", "assigned_attributes", "person_id", "search_key", "sort_name"),
    *("unreachable_since", "unreachable_cause"),
}
"""Columns of a user that are reset."""


@pytest.fixture
def maya(agent: Agent) -> EndUser:
    """A user whose every field names her."""
    record_events(
        agent,
        *(
            make_event(
                turn * 24 * 60,
                external_id="maya-1",
                message_id=f"maya-{turn}",
                name="Maya",
                username="maya",
                email="maya@example.com",
                avatar_url="https://example.com/maya.png",
                attributes={"maya": "maya"},
                language="de",
                plan="pro",
                tags=["vip"],
                chat="chat-of-maya" if turn % 2 else "",
                session_id="session-of-maya" if turn == 4 else None,
                text="I am Maya",
                cost=5,
            )
            for turn in range(5)
        ),
        make_event(external_id="maya-1", role="agent", error="maya timed out"),
    )
    return EndUser.objects.get(agent=agent)


def anonymous_user(agent: Agent) -> EndUser:
    return EndUser.objects.get(agent=agent, external_id__startswith="anon-")


def everything_of(user: EndUser) -> str:
    """Everything that the database holds about a user, as one text."""
    rows: list[Any] = list(EndUser.objects.filter(id=user.id).values())
    for model in apps.get_models():
        if model._meta.db_table in tables_with_a_user():
            rows += model._default_manager.filter(**{COLUMN: user.id}).values()
    return json.dumps(rows, default=str).lower()


def test_every_column_of_a_user_is_kept_or_reset() -> None:
    columns = {
        field.column
        for field in EndUser._meta.concrete_fields
        if not isinstance(field, models.GeneratedField)
    }
    assert {*KEPT} | NEW == columns
    assert not {*KEPT} & NEW


def test_nothing_identifies_the_person(agent: Agent, maya: EndUser) -> None:
    assign_attributes(agent.id, maya.id, {"maya": 1})
    fill_owned_tables(maya)
    anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=False)
    left = everything_of(anonymous_user(agent))
    assert "maya" not in left
    assert str(maya.id) not in left
    assert rows_of(maya.id) == {}


def test_history_and_numbers_stay(agent: Agent, maya: EndUser) -> None:
    change_tags(agent.id, [maya.id], add=["kind"])
    before, facets = rollups(agent), sorted(FacetCount.objects.values_list("value", "users"))
    anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=True)
    user = anonymous_user(agent)
    assert {name: getattr(user, name) for name in KEPT} == {
        name: getattr(maya, name) for name in KEPT if name != "assigned_tags"
    } | {"assigned_tags": ["kind"]}
    assert user.total_messages_sent == 5
    assert rollups(agent) == before
    assert sorted(FacetCount.objects.values_list("value", "users")) == facets
    assert recount.check(agent) == []
    recount.recount(agent)
    assert recount.check(agent) == []


def test_chats_and_sessions_stay_apart_without_their_names(agent: Agent, maya: EndUser) -> None:
    anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=True)
    chats = list(Message.objects.values_list("chat", flat=True))
    assert sorted(map(chats.count, chats)) == [2, 2, 4, 4, 4, 4]
    named = set(Message.objects.exclude(session_id="").values_list("session_id", flat=True))
    assert (
        set(Session.objects.exclude(external_id="").values_list("external_id", flat=True)) == named
    )
    assert len(named) == 1


def test_texts_stay_only_when_asked_for(agent: Agent, maya: EndUser) -> None:
    bert = make_user(agent, "Bert", text="I am Bert")
    anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=True)
    anonymize(agent, bert.id, "Olivia", may_return=False, keep_texts=False)
    texts = {(text, redacted) for text, redacted in Message.objects.values_list("text", "redacted")}
    assert texts == {("I am Maya", False), ("Hello", False), ("", True)}
    assert set(Erasure.objects.values_list("keep_texts", flat=True)) == {True, False}


def test_the_receipt_counts_rows(agent: Agent, maya: EndUser) -> None:
    fill_owned_tables(maya)
    owned = rows_of(maya.id)
    erasure = anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=False)
    assert (erasure.kind, erasure.state, erasure.former_id) == ("anonymise", "done", None)
    assert erasure.tables == owned
    moved = rows_of(anonymous_user(agent).id)
    kept = [*(model._meta.db_table for model in MOVED), "ledger_search", "ledger_enduser"]
    assert moved == {table: owned[table] for table in kept}


def test_late_reports_are_rejected(agent: Agent, maya: EndUser) -> None:
    anonymize(agent, maya.id, "Olivia", may_return=True, keep_texts=False)
    old = make_event(external_id="maya-1")
    new = make_event(external_id="maya-1", time=now())
    assert reasons(agent, old, new) == [tombstones.WRITTEN_BEFORE, None]
    assert EndUser.objects.count() == 2
    assert recount.check(agent) == []


def test_links_go(agent: Agent, maya: EndUser) -> None:
    bert = make_user(agent, "Bert")
    linking.link(agent, maya.id, bert.id, "Olivia")
    anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=False)
    assert set(EndUser.objects.values_list("person_id", flat=True)) == {None}


def test_an_anonymous_user_can_be_erased(agent: Agent, maya: EndUser) -> None:
    anonymize(agent, maya.id, "Olivia", may_return=False, keep_texts=False)
    before = rollups(agent)
    erase(agent, anonymous_user(agent).id, "Olivia", may_return=False)
    assert not Message.objects.exists()
    assert rollups(agent) == before
    assert recount.check(agent) == []


def test_a_user_who_is_gone_cannot_be_anonymized(agent: Agent) -> None:
    with pytest.raises(EndUser.DoesNotExist):
        anonymize(agent, uuid.uuid4(), "Olivia", may_return=False, keep_texts=False)


class TestLargeHistories:
    @pytest.fixture
    def asked(self, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> EndUser:
        """A user with a large history whose anonymization was requested."""
        monkeypatch.setattr(erasures, "INLINE", 10)
        user = make_conversation(agent, 10)
        anonymize(agent, user.id, "Olivia", may_return=True, keep_texts=False)
        return user

    def test_they_move_in_the_background_and_nothing_is_recorded_meanwhile(
        self, agent: Agent, asked: EndUser
    ) -> None:
        running = Erasure.objects.get()
        assert (running.state, running.former_id) == ("running", asked.id)
        assert reasons(agent, make_event(time=now())) == [tombstones.BEING_ERASED]
        assert EndUser.objects.get().total_chat_messages == 10
        for _ in range(2):  # a second time there is nothing to do
            anonymizing.move.func(str(running.id))
        assert anonymous_user(agent).total_chat_messages == 10
        assert Erasure.objects.get().tables["ledger_message"] == 10
        assert rows_of(asked.id) == {}
        assert recount.check(agent) == []

    def test_an_erasure_may_come_before(self, agent: Agent, asked: EndUser) -> None:
        erase(agent, asked.id, "Olivia", may_return=False)
        first = Erasure.objects.get(kind="anonymise")
        anonymizing.move.func(str(first.id))
        first.refresh_from_db()
        assert (first.state, first.tables) == ("done", {})

    def test_a_lost_task_is_enqueued_again(self, asked: EndUser) -> None:
        assert anonymizing.resume() == 0
        DBTaskResult.objects.all().delete()
        assert anonymizing.resume() == 1


@given(histories(), st.booleans())
def test_any_anonymized_history_counts_as_before(
    db: None, history: History, keep_texts: bool
) -> None:
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    for batch in history.batches:
        record(agent, copies(batch))
        before = rollups(agent)
        user = EndUser.objects.filter(agent=agent).exclude(external_id__startswith="anon-").first()
        if user:
            anonymize(agent, user.id, "Olivia", may_return=False, keep_texts=keep_texts)
        assert rollups(agent) == before
    assert recount.check(agent) == []
