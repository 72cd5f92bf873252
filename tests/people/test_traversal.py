"""Traversing all users of a list: each once, in order, in steps of any size."""

import pytest
from django.http import QueryDict

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record
from frontdesk.people.table import counting, traversal
from frontdesk.people.table.counting import count
from frontdesk.people.table.users_query import UsersQuery
from tests.factories import make_agent, make_event
from tests.people.test_query import QUERIES, crowd, expected, parse

__all__ = ["crowd"]  # a fixture


@pytest.mark.parametrize("bound", [10_000, 0])
@pytest.mark.parametrize("filters", QUERIES)
def test_each_matching_user_is_returned_once(
    crowd: Agent, filters: str, bound: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a bound of 0, no filter finds few users, so all users are walked."""
    monkeypatch.setattr(counting, "BOUND", bound)
    monkeypatch.setattr(traversal, "STEP", 7)
    for sort in ("-last_message", "name"):
        query = parse(f"{filters}&sort={sort}")
        meant = [user.external_id for user in expected(crowd, query)]
        steps = list(traversal.in_order(crowd, query, ("u.external_id", [])))
        assert [row[0] for step in steps for row in step] == meant
        assert all(len(step) <= 7 for step in steps)
    assert count(crowd, query) == len(meant)


@pytest.mark.parametrize("bound", [10_000, 0])
@pytest.mark.parametrize("filters", QUERIES)
def test_ids_come_in_their_order_after_any_of_them(
    crowd: Agent, filters: str, bound: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BOUND", bound)
    query = parse(filters)
    meant = sorted(user.id for user in expected(crowd, query))
    assert traversal.by_id(crowd, query, None, 1000) == meant
    for at in range(0, len(meant), 60):
        assert traversal.by_id(crowd, query, meant[at], 7) == meant[at + 1 : at + 8]


def test_a_user_found_by_an_exact_id_matches(agent: Agent) -> None:
    record(agent, [make_event(n, external_id=str(n), name=f"User {n}") for n in range(3)])
    user = EndUser.objects.get(external_id="1")
    query, _ = UsersQuery.parse(QueryDict(f"q={user.id}"), parse("").zone)
    assert list(traversal.in_order(agent, query, ("u.name", []))) == [[("User 1",)]]
    assert traversal.by_id(agent, query, None, 10) == [user.id]
    assert traversal.by_id(agent, query, user.id, 10) == []
    assert count(agent, query) == 1


def test_given_ids_come_as_given_without_those_of_other_agents(agent: Agent) -> None:
    other = make_agent("Bob")
    for owner in (agent, other):
        record(owner, [make_event(external_id=str(n), name=f"User {n}") for n in range(3)])
    ids = {u.name: u.id for u in EndUser.objects.filter(agent=agent)}
    foreign = EndUser.objects.filter(agent=other)[0].id
    who = [ids["User 2"], foreign, ids["User 0"]]
    assert list(traversal.in_order(agent, who, ("u.name", []))) == [[("User 2",), ("User 0",)]]
