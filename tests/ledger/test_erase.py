"""Erasing a user: none of their rows is left, and the agent's numbers do not change."""

import datetime as dt
import uuid
from itertools import combinations_with_replacement

import pytest
from django.utils.timezone import now
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger import erase as erasing
from frontdesk.ledger import erasures, linking, recount, tombstones
from frontdesk.ledger.erase import allow_return, erase, owned_tables
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.models import (
    AgentDay,
    Cohort,
    EndUser,
    Erasure,
    FacetCount,
    Person,
    ReturnGap,
    Session,
    Tombstone,
)
from frontdesk.ledger.record import record
from tests import oracle
from tests.factories import make_agent, make_conversation, make_event, make_user, record_events
from tests.factories.owned_rows import fill_owned_tables, rows_of, tables_with_a_user
from tests.ledger.histories import History, copies, histories

# check() chooses its isolation level, which needs a transaction of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


def rollups(agent: Agent) -> list[list[tuple[object, ...]]]:
    """The agent's numbers, except those that count present users."""
    tables = (AgentDay, ReturnGap, Cohort)
    return [sorted(table.objects.filter(agent=agent).values_list()) for table in tables]


def reasons(agent: Agent, *events: Event) -> list[str | None]:
    """Why each event is rejected; None if it is recorded."""
    outcomes = record(agent, events)
    return [outcome.reason if outcome.status == "rejected" else None for outcome in outcomes]


class TestTables:
    def test_every_table_with_an_end_user_is_known(self) -> None:
        known = {model._meta.db_table for model in owned_tables()}
        assert known | {"ledger_search"} == tables_with_a_user()

    def test_nothing_is_left_in_any_of_them(self, agent: Agent) -> None:
        user = make_user(agent, "Maya", plan="pro", tags=["vip"])
        fill_owned_tables(user)
        owned = rows_of(user.id)
        assert owned.keys() == tables_with_a_user() | {"ledger_enduser"}
        erasure = erase(agent, user.id, "Olivia", may_return=False)
        assert rows_of(user.id) == {}
        assert erasure.tables == owned
        assert erasure.total == sum(owned.values())

    def test_no_tag_plan_or_language_of_theirs_alone_is_left(self, agent: Agent) -> None:
        make_user(agent, "Bert", tags=["vip"])
        maya = make_user(
            agent, "Maya", plan="mayas", language="mi", tags=["vip", "maya@example.com"]
        )
        erase(agent, maya.id, "Olivia", may_return=False)
        left = FacetCount.objects.filter(agent=agent).exclude(value="")
        assert set(left.values_list("facet", "value")) == {
            ("habit", "telegram:1:1"),
            ("platform", "telegram"),
            ("tag", "vip"),
        }
        assert recount.check(agent) == []

    def test_other_users_keep_all_of_theirs(self, agent: Agent) -> None:
        maya, bert = make_user(agent, "Maya"), make_user(agent, "Bert")
        fill_owned_tables(bert)
        owned = rows_of(bert.id)
        erase(agent, maya.id, "Olivia", may_return=False)
        assert rows_of(bert.id) == owned


def test_the_receipt_of_an_erasure(agent: Agent) -> None:
    user = make_user(agent, "Maya")
    before = now()
    erasure = erase(agent, user.id, "Olivia", may_return=False)
    erasure.refresh_from_db()
    assert (erasure.kind, erasure.state) == ("erase", "done")
    assert (erasure.requested_by, erasure.former_id) == ("Olivia", None)
    assert erasure.finished_at
    assert before <= erasure.requested_at <= erasure.finished_at <= now()
    rows = str(Erasure.objects.values()) + str(Tombstone.objects.values())
    assert "maya" not in rows.lower()
    assert str(user.id) not in rows


def test_users_who_are_gone_or_of_another_agent_cannot_be_erased(agent: Agent) -> None:
    user = make_user(agent, "Maya")
    with pytest.raises(EndUser.DoesNotExist):
        erase(make_agent("Bert"), user.id, "Olivia", may_return=False)
    erase(agent, user.id, "Olivia", may_return=False)
    with pytest.raises(EndUser.DoesNotExist):
        erase(agent, user.id, "Olivia", may_return=False)
    assert Erasure.objects.count() == Tombstone.objects.count() == 1


class TestLateReports:
    def test_they_are_rejected_and_leave_nothing(self, agent: Agent) -> None:
        user = make_user(agent, "Maya")
        erase(agent, user.id, "Olivia", may_return=False)
        late = make_event(5, external_id="maya", name="Maya")
        bert = make_event(5, external_id="bert")
        new = make_event(external_id="maya", time=now())
        assert reasons(agent, late, bert, new) == [tombstones.ERASED, None, tombstones.ERASED]
        assert [user.external_id for user in EndUser.objects.all()] == ["bert"]
        assert rows_of(user.id) == {}
        assert recount.check(agent) == []

    def test_other_identities_are_not_affected(self, agent: Agent) -> None:
        erase(agent, make_user(agent, "Maya").id, "Olivia", may_return=False)
        record_events(agent, make_event(external_id="maya", platform="web"))
        record_events(make_agent("Bert"), make_event(external_id="maya"))

    def test_users_who_may_return_do_so_with_messages_sent_after_the_erasure(
        self, agent: Agent
    ) -> None:
        user = make_user(agent, "Maya")
        erasure = erase(agent, user.id, "Olivia", may_return=True)
        at = erasure.requested_at
        assert reasons(
            agent,
            make_event(external_id="maya", time=at),
            make_event(external_id="maya", time=at + dt.timedelta(microseconds=1)),
        ) == [tombstones.WRITTEN_BEFORE, None]
        assert EndUser.objects.get().total_messages_sent == 1
        assert recount.check(agent) == []

    def test_the_return_can_be_allowed_later(self, agent: Agent) -> None:
        user = make_user(agent, "Maya")
        erasure = erase(agent, user.id, "Olivia", may_return=False)
        assert allow_return(agent, erasure.digest)
        assert not allow_return(agent, erasure.digest)
        record_events(agent, make_event(external_id="maya", time=now()))
        assert reasons(agent, make_event(external_id="maya")) == [tombstones.WRITTEN_BEFORE]

    def test_a_user_who_returned_can_be_erased_again(self, agent: Agent) -> None:
        user = make_user(agent, "Maya")
        erase(agent, user.id, "Olivia", may_return=True)
        record_events(agent, make_event(external_id="maya", time=now()))
        erase(agent, user.id, "Olivia", may_return=False)
        assert reasons(agent, make_event(external_id="maya", time=now())) == [tombstones.ERASED]
        assert recount.check(agent) == []

    def test_a_tombstone_can_be_found(self, agent: Agent) -> None:
        assert erasing.tombstone_of(agent, "telegram", "maya") is None
        erase(agent, make_user(agent, "Maya").id, "Olivia", may_return=True)
        assert erasing.tombstone_of(agent, "telegram", "maya")
        assert tombstones.refusal(agent, "telegram", "maya", now()) is None
        assert tombstones.refusal(agent, "telegram", "maya", make_event().time)
        assert tombstones.refusal(agent, "telegram", "bert", make_event().time) is None


class TestLargeHistories:
    @pytest.fixture
    def erased(self, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
        """A user whose history is too large to be removed at once."""
        monkeypatch.setattr(erasures, "INLINE", 10)
        monkeypatch.setattr(erasing, "CHUNK", 4)
        user = make_conversation(agent, 10, every=24 * 60)
        fill_owned_tables(user)
        self.numbers = rollups(agent)
        self.total = sum(rows_of(user.id).values())
        erase(agent, user.id, "Olivia", may_return=True)
        return user.id

    def test_the_user_is_gone_at_once_and_the_history_in_the_background(
        self, agent: Agent, erased: uuid.UUID
    ) -> None:
        running = Erasure.objects.get()
        assert (running.state, running.former_id, running.total) == ("running", erased, self.total)
        left = {f"ledger_{table}": 10 for table in ("session", "dailyactivity", "message")}
        left["ledger_importclaim"] = 1
        assert rows_of(erased) == left
        assert recount.check(agent) == []
        erasing.remove_rest.func(str(running.id))
        done = Erasure.objects.get()
        assert (done.state, done.former_id) == ("done", None)
        assert sum(done.tables.values()) == done.total
        assert rows_of(erased) == {}
        assert rollups(agent) == self.numbers
        assert recount.check(agent) == []

    def test_the_task_continues_where_another_was_interrupted(
        self, agent: Agent, erased: uuid.UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        running = Erasure.objects.get()
        remove, chunks = erasing._remove_chunk, iter(range(3))

        def interrupted(erasure_id: uuid.UUID) -> bool:
            next(chunks)
            return remove(erasure_id)

        monkeypatch.setattr(erasing, "_remove_chunk", interrupted)
        with pytest.raises(StopIteration):
            erasing.remove_rest.func(str(running.id))
        running.refresh_from_db()
        assert running.tables["ledger_session"] == 10
        monkeypatch.undo()
        for _ in range(2):  # a second time there is nothing to do
            erasing.remove_rest.func(str(running.id))
        assert Erasure.objects.get().tables["ledger_message"] == 10

    def test_no_user_returns_while_their_history_is_being_removed(
        self, agent: Agent, erased: uuid.UUID
    ) -> None:
        event = make_event(time=now())
        assert reasons(agent, event) == [tombstones.BEING_ERASED]
        assert tombstones.refusal(agent, "telegram", "1001", now()) == tombstones.BEING_ERASED
        erasing.remove_rest.func(str(Erasure.objects.get().id))
        assert reasons(agent, event) == [None]
        assert Session.objects.filter(end_user_id=erased).count() == 1

    def test_a_lost_task_is_enqueued_again(self, erased: uuid.UUID) -> None:
        assert erasing.resume() == 0, "the first one is still waiting"
        DBTaskResult.objects.all().delete()
        assert erasing.resume() == 1
        erasing.remove_rest.func(str(Erasure.objects.get().id))
        DBTaskResult.objects.all().delete()
        assert erasing.resume() == 0


def test_a_person_with_one_identity_left_is_none(agent: Agent) -> None:
    maya, bert, cleo = (make_user(agent, name) for name in ("Maya", "Bert", "Cleo"))
    linking.link(agent, maya.id, bert.id, "Olivia")
    person = linking.link(agent, maya.id, cleo.id, "Olivia")
    erase(agent, maya.id, "Olivia", may_return=False)
    assert set(EndUser.objects.values_list("person_id", flat=True)) == {person.id}
    erase(agent, bert.id, "Olivia", may_return=False)
    assert EndUser.objects.get().person_id is None
    assert not Person.objects.exists()


@given(histories(), st.lists(st.integers(0, 3), min_size=1, max_size=3), st.booleans())
def test_an_erasure_does_not_change_the_agents_numbers(
    db: None, history: History, turns: list[int], may_return: bool
) -> None:
    """Users, chosen by `turns`, are erased between batches; their later events are rejected."""
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    gone: set[uuid.UUID] = set()
    for number, batch in enumerate(history.batches):
        outcomes = record(agent, copies(batch))
        for event, outcome in zip(batch, outcomes, strict=True):
            is_gone = user_id(agent.id, event.platform, event.external_id) in gone
            assert (outcome.status == "rejected") == is_gone
        ids = list(EndUser.objects.filter(agent=agent).order_by("id").values_list("id", flat=True))
        if ids:
            before = rollups(agent)
            chosen = ids[turns[number % len(turns)] % len(ids)]
            erase(agent, chosen, "Olivia", may_return)
            gone.add(chosen)
            assert rollups(agent) == before
    assert recount.check(agent) == []
    recount.recount(agent)
    assert recount.check(agent) == []
    assert not any(rows_of(erased) for erased in gone)


@given(histories())
def test_distinct_users_are_counted_with_the_erased(db: None, history: History) -> None:
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)
    for batch in history.batches:
        record(agent, copies(batch))
    whole = oracle.read(agent)
    erase(agent, EndUser.objects.filter(agent=agent)[0].id, "Olivia", may_return=False)
    left = oracle.read(agent)
    for first, last in combinations_with_replacement(sorted({day for _, day in whole.days}), 2):
        by_formula = oracle.distinct_by_return_gaps(left, first, last)
        assert by_formula == oracle.distinct_active(whole, first, last)
