"""Deleting an agent: hidden at once, and removed in the background with all its data."""

import uuid

import pytest
from django.apps import apps
from django.test import Client
from django_tasks_db.models import DBTaskResult

from frontdesk.accounts.access import agents_for
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.ledger import deletion, erasures, recount
from frontdesk.ledger import erase as erasing
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.record import record
from tests.factories import make_agent, make_conversation, make_event, make_key, make_user
from tests.factories.owned_rows import fill_owned_tables, rows_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other() -> Agent:
    """An agent that stays, with a user of its own."""
    agent = make_agent("Bert")
    fill_owned_tables(make_user(agent, "Bert", tags=["vip"]))
    return agent


def traces(agent_id: uuid.UUID) -> dict[str, int]:
    """The tables that have rows of the agent, and their numbers."""
    found = {}
    for model in apps.get_models():
        if any(field.column == "agent_id" for field in model._meta.concrete_fields):
            rows = model._default_manager.filter(agent_id=agent_id).count()
            found[model._meta.db_table] = rows
    return {table: rows for table, rows in found.items() if rows}


def delete(agent: Agent) -> None:
    deletion.request_deletion(agent)
    deletion.delete_agent.func(str(agent.id))


def test_all_that_belonged_to_it_goes_and_nothing_else(
    agent: Agent, other: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion, "CHUNK", 2)
    monkeypatch.setattr(deletion, "ROWS", 3)
    users = [
        make_conversation(agent, 10),
        *(make_user(agent, f"Visitor {n}", tags=["vip"]) for n in range(4)),
    ]
    for user in users:
        fill_owned_tables(user)
    erasing.erase(agent, users.pop().id, "Olivia", may_return=False)
    make_key(agent, "ingest")
    kept = traces(other.id)
    delete(agent)
    assert not Agent.objects.filter(id=agent.id).exists()
    assert traces(agent.id) == {}
    assert not any(rows_of(user.id) for user in users)
    assert traces(other.id) == kept
    assert recount.check(other) == []


def test_a_history_that_is_half_erased_goes_too(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "INLINE", 10)
    user = make_conversation(agent, 10)
    erasing.erase(agent, user.id, "Olivia", may_return=False)
    assert rows_of(user.id)
    delete(agent)
    assert rows_of(user.id) == {}


def test_it_is_hidden_at_once(
    agent: Agent, operator: Operator, client: Client, signed_in: Client
) -> None:
    _, token = make_key(agent, "read")
    address, key = f"/api/v1/agents/{agent.id}/users", {"Authorization": f"Bearer {token}"}
    assert client.get(address, headers=key).status_code == 200
    deletion.request_deletion(agent)
    assert list(agents_for(operator)) == []
    assert signed_in.get(f"/agents/{agent.id}/users").status_code == 404
    assert client.get(address, headers=key).status_code == 401


def test_nothing_is_recorded_for_it(agent: Agent) -> None:
    deletion.request_deletion(agent)
    with pytest.raises(Agent.DoesNotExist):
        record(agent, [make_event()])
    assert not EndUser.objects.exists()


def test_it_can_be_done_again_and_again(agent: Agent) -> None:
    make_user(agent, "Maya")
    deletion.delete_agent.func(str(agent.id))
    assert Message.objects.exists(), "its deletion was not requested"
    delete(agent)
    delete(agent)
    assert not Message.objects.exists()


def test_a_lost_task_is_enqueued_again(agent: Agent) -> None:
    deletion.request_deletion(agent)
    deletion.request_deletion(agent)
    assert DBTaskResult.objects.count() == 1
    assert deletion.resume() == 0
    DBTaskResult.objects.all().delete()
    assert deletion.resume() == 1
