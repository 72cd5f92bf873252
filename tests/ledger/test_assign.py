"""Assigning plans, tags and attributes; the index of tags and the counts are kept up to date."""

import datetime as dt
import random
import uuid

import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.ledger import assign, recount
from frontdesk.ledger.models import EndUser, FacetCount, UserTag
from frontdesk.ledger.record import record
from tests.factories import make_agent, make_event, make_user, record_events
from tests.ledger.histories import History, copies, histories
from tests.ledger.test_concurrency import at_once

# check() chooses its isolation level, which needs a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)


def count(agent: Agent, facet: str, value: str) -> int:
    counts = FacetCount.objects.filter(agent=agent, facet=facet, value=value)
    return sum(counts.values_list("users", flat=True))


class TestPlans:
    def test_an_assigned_plan_wins_over_the_reported_one(self, agent: Agent) -> None:
        user = make_user(agent, "Maya", plan="free")
        assert assign.assign_plan(agent.id, [user.id], "pro", None) == 1
        record_events(agent, make_event(5, external_id="maya", plan="plus"))
        user.refresh_from_db()
        assert (user.subscription, user.assigned_plan, user.plan) == ("pro", "pro", "plus")
        assert [count(agent, "plan", key) for key in ("free", "plus", "pro")] == [0, 0, 1]

    def test_without_an_assigned_plan_the_reported_one_applies_again(self, agent: Agent) -> None:
        user = make_user(agent, "Maya", plan="free")
        assign.assign_plan(agent.id, [user.id], "pro", now())
        assert assign.assign_plan(agent.id, [user.id], "", now()) == 1
        user.refresh_from_db()
        assert (user.subscription, user.plan_until) == ("free", None)
        assert count(agent, "plan", "free") == 1

    def test_removing_a_plan_keeps_plans_that_were_assigned_since(self, agent: Agent) -> None:
        maya, bert = make_user(agent, "Maya"), make_user(agent, "Bert")
        assign.assign_plan(agent.id, [maya.id], "gold", None)
        assign.assign_plan(agent.id, [bert.id], "pro", None)
        assert assign.remove_plan(agent.id, [maya.id, bert.id], "gold") == 1
        plans = EndUser.objects.order_by("name").values_list("subscription", flat=True)
        assert list(plans) == ["pro", None]
        assert recount.check(agent) == []

    def test_only_changes_are_counted(self, agent: Agent) -> None:
        maya, bert = make_user(agent, "Maya"), make_user(agent, "Bert")
        until = now() + dt.timedelta(days=1)
        assert assign.assign_plan(agent.id, [maya.id, bert.id], "pro", until) == 2
        assert assign.assign_plan(agent.id, [maya.id, bert.id], "pro", until) == 0
        assert assign.assign_plan(agent.id, [maya.id], "pro", None) == 1

    def test_users_of_another_agent_and_unknown_ids_are_skipped(self, agent: Agent) -> None:
        stranger = make_user(make_agent("Bert"), "Maya")
        assert assign.assign_plan(agent.id, [stranger.id, uuid.uuid4()], "pro", None) == 0
        assert EndUser.objects.filter(agent=agent).count() == 0
        stranger.refresh_from_db()
        assert stranger.assigned_plan == ""

    def test_expired_plans_end(self, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(assign, "CHUNK", 2)
        moment = now()
        users = [make_user(agent, f"Visitor {n}", plan="free") for n in range(5)]
        for days, user in enumerate(users):
            until = moment + dt.timedelta(days=days)
            assign.assign_plan(agent.id, [user.id], "pro", until)
        assert assign.end_plans(moment + dt.timedelta(days=3)) == 4
        assert assign.end_plans(moment + dt.timedelta(days=3)) == 0
        assert count(agent, "plan", "pro") == 1
        assert recount.check(agent) == []


class TestTags:
    def test_reported_tags_stay_and_both_are_found(self, agent: Agent) -> None:
        user = make_user(agent, "Maya", tags=["beta", "vip"])
        assert assign.change_tags(agent.id, [user.id], add=["vip", "angry"]) == 1
        assert assign.change_tags(agent.id, [user.id], remove=["beta", "vip"]) == 1
        user.refresh_from_db()
        assert (user.tags, user.assigned_tags) == (["beta", "vip"], ["angry"])
        names = UserTag.objects.filter(agent=agent, end_user=user).values_list("name", flat=True)
        assert sorted(names) == user.all_tags == ["angry", "beta", "vip"]

    def test_a_tag_that_is_neither_assigned_nor_reported_leaves_the_index(
        self, agent: Agent
    ) -> None:
        user = make_user(agent, "Maya", tags=["vip"])
        assign.change_tags(agent.id, [user.id], add=["vip"])
        record_events(agent, make_event(5, external_id="maya", tags=[]))
        assert count(agent, "tag", "vip") == 1
        assign.change_tags(agent.id, [user.id], remove=["vip"])
        assert count(agent, "tag", "vip") == 0
        assert not UserTag.objects.exists()

    def test_names_are_cleaned_like_reported_ones(self, agent: Agent) -> None:
        user = make_user(agent, "Maya")
        assert assign.change_tags(agent.id, [user.id], add=["  a\n b\0 ", " ", ""]) == 1
        user.refresh_from_db()
        assert user.assigned_tags == ["a b\ufffd"]

    def test_users_who_already_have_it_are_not_counted(self, agent: Agent) -> None:
        maya, bert = make_user(agent, "Maya"), make_user(agent, "Bert")
        assert assign.change_tags(agent.id, [maya.id], add=["vip"]) == 1
        assert assign.change_tags(agent.id, [maya.id, bert.id], add=["vip"]) == 1
        assert count(agent, "tag", "vip") == 2


def test_assigned_attributes_do_not_change_reported_ones(agent: Agent) -> None:
    user = make_user(agent, "Maya", attributes={"city": "Berlin"})
    assert assign.assign_attributes(agent.id, user.id, {"city": "Bern", "vip": True})
    assert not assign.assign_attributes(agent.id, user.id, {"vip": True, "city": "Bern"})
    assert not assign.assign_attributes(agent.id, uuid.uuid4(), {"vip": True})
    record_events(agent, make_event(5, external_id="maya", attributes={"city": "Rome"}))
    user.refresh_from_db()
    assert user.assigned_attributes == {"city": "Bern", "vip": True}
    assert user.attributes == {"city": "Rome"}


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["plan", "add", "remove"]), st.sampled_from(["", "vip", "pro", "beta"])
    ),
    max_size=6,
)


@given(histories(max_messages=8), st.lists(ACTIONS, min_size=1, max_size=3))
def test_counts_stay_right_between_reports(
    db: None, history: History, actions: list[list[tuple[str, str]]]
) -> None:
    agent = make_agent(time_zone=history.zone)
    for number, batch in enumerate(history.batches):
        record(agent, copies(batch))
        ids = list(EndUser.objects.filter(agent=agent).values_list("id", flat=True))
        for action, value in actions[number % len(actions)]:
            chosen = random.Random(number).sample(ids, len(ids) // 2 + 1)
            if action == "plan":
                assign.assign_plan(agent.id, chosen, value, None)
            else:
                assign.change_tags(agent.id, chosen, **{action: [value]})
    assert recount.check(agent) == []


def test_assigning_during_recording(agent: Agent) -> None:
    users = [make_user(agent, f"Visitor {n}") for n in range(4)]
    ids = [user.id for user in users]

    def report() -> None:
        for turn in range(25):
            record(
                agent,
                [
                    make_event(turn, external_id=user.external_id, tags=[f"t{turn % 3}"], plan="p")
                    for user in users
                ],
            )

    def assign_tags() -> None:
        for turn in range(25):
            assign.change_tags(agent.id, ids[::-1], add=[f"t{turn % 4}"], remove=["t1"])
            assign.assign_plan(agent.id, ids, "" if turn % 2 else "pro", None)

    at_once(report, assign_tags)
    assert recount.check(agent) == []
