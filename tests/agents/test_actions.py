"""Concurrent actions on agents."""

import pytest
from django.utils import timezone

from frontdesk.agents import actions
from frontdesk.agents.models import Agent, Plan, Tag
from frontdesk.audit import SYSTEM
from frontdesk.ledger import agent_actions
from tests.factories import make_plan, make_tag

pytestmark = pytest.mark.django_db


def test_a_name_that_another_row_took_in_the_meantime_is_taken(agent: Agent) -> None:
    make_plan(agent, "gold")
    make_tag(agent, "vip")
    with pytest.raises(actions.TakenError):
        actions.save_plan(SYSTEM, Plan(agent=agent, key="gold", name="Golden"))
    with pytest.raises(actions.TakenError):
        agent_actions.save_tag(SYSTEM, Tag(agent=agent, name="vip"))
    assert agent.plans.get().name == "Gold"


def test_a_row_that_was_deleted_in_the_meantime_stays_deleted(agent: Agent) -> None:
    plan = make_plan(agent, "gold")
    Plan.objects.all().delete()
    actions.save_plan(SYSTEM, plan)
    assert not agent.plans.exists()


def test_only_the_columns_of_a_section_are_written(agent: Agent) -> None:
    stale = Agent.objects.get(id=agent.id)
    Agent.objects.update(limits={"messages_per_day": 5}, archived_at=timezone.now())
    stale.access = Agent.Access.CLOSED
    agent_actions.save_agent(SYSTEM, stale, ["access"])
    agent.refresh_from_db()
    assert (agent.access, agent.limits) == ("closed", {"messages_per_day": 5})
    assert agent.archived_at


def test_pausing_twice_keeps_the_first_time(agent: Agent) -> None:
    actions.pause(SYSTEM, agent)
    first = agent.paused_at
    actions.pause(SYSTEM, agent)
    assert Agent.objects.get().paused_at == first
