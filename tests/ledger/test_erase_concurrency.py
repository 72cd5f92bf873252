"""Erasing and anonymizing while the same user is being reported: none of their rows is left."""

import uuid
from collections.abc import Callable
from itertools import pairwise

import pytest

from frontdesk.agents.models import Agent
from frontdesk.ledger import deletion, erasures, linking, recount
from frontdesk.ledger import erase as erasing
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import record
from tests.factories import make_event, make_user
from tests.factories.owned_rows import rows_of
from tests.ledger.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crew(agent: Agent) -> list[uuid.UUID]:
    return [make_user(agent, f"Visitor {n}", tags=["vip"]).id for n in range(6)]


def reporter(agent: Agent, order: list[int]) -> Callable[[], None]:
    """Report all users of the crew in each batch, again and again."""

    def report() -> None:
        for turn in range(20):
            record(
                agent,
                [
                    make_event(turn * 300, external_id=f"visitor-{n}", tags=["vip", f"t{turn % 3}"])
                    for n in order
                ],
            )

    return report


@pytest.mark.parametrize("action", ["erase", "anonymise", "erase large"])
def test_nothing_is_left_of_a_user_who_is_removed_while_writing(
    agent: Agent, crew: list[uuid.UUID], action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if action == "erase large":
        monkeypatch.setattr(erasures, "INLINE", 0)

    def remove() -> None:
        for user_id in crew[:3]:
            if action == "anonymise":
                erasing.anonymize(agent, user_id, "Olivia", may_return=False, keep_texts=False)
            else:
                erasure = erasing.erase(agent, user_id, "Olivia", may_return=False)
                erasing.remove_rest.func(str(erasure.id))

    at_once(reporter(agent, [0, 1, 2, 3, 4, 5]), reporter(agent, [5, 4, 3, 2, 1, 0]), remove)
    assert not any(rows_of(user_id) for user_id in crew[:3])
    assert EndUser.objects.filter(id__in=crew).count() == 3
    assert recount.check(agent) == []


def test_identities_that_are_linked_while_one_is_removed(
    agent: Agent, crew: list[uuid.UUID]
) -> None:
    def link() -> None:
        for one, other in pairwise(crew):
            try:
                linking.link(agent, one, other, "Olivia")
            except linking.LinkError:
                continue

    def remove() -> None:
        for user_id in crew[1:4]:
            erasing.erase(agent, user_id, "Olivia", may_return=False)

    at_once(link, remove, reporter(agent, [5, 4, 0]))
    persons = list(EndUser.objects.values_list("person_id", flat=True))
    assert all(person is None or persons.count(person) > 1 for person in persons)
    assert recount.check(agent) == []


def test_an_agent_that_is_deleted_while_reports_come_in(
    agent: Agent, crew: list[uuid.UUID]
) -> None:
    def report_for_ever() -> None:
        while True:
            reporter(agent, [3, 1, 2, 7])()

    def report() -> None:
        with pytest.raises(Agent.DoesNotExist):
            report_for_ever()

    def delete() -> None:
        deletion.request_deletion(agent)
        deletion.delete_agent.func(str(agent.id))

    at_once(report, delete)
    assert not Agent.objects.exists()
    assert not EndUser.objects.exists()
