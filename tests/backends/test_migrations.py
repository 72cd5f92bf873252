"""Prices that were set for the backend are the agent's after the upgrade."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from frontdesk.agents.models import Agent

BEFORE = [("backends", "0002_texts"), ("agents", "0007_prices")]


@pytest.mark.django_db(transaction=True)
def test_existing_prices_move_to_the_agent_and_back() -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    old = executor.loader.project_state(BEFORE).apps
    prices = {"input_price": Decimal("0.15"), "cached_price": None, "output_price": Decimal(2)}
    for name, own in (("priced", prices), ("listed", {})):
        agent = old.get_model("agents", "Agent").objects.create(name=name)
        old.get_model("backends", "Backend").objects.create(agent=agent, **own)

    MigrationExecutor(connection).migrate(newest)
    assert Agent.objects.filter(name="priced").values(*prices).get() == prices
    assert set(Agent.objects.filter(name="listed").values_list(*prices).get()) == {None}

    MigrationExecutor(connection).migrate(BEFORE)
    backends = old.get_model("backends", "Backend").objects
    assert backends.filter(agent__name="priced").values(*prices).get() == prices
    MigrationExecutor(connection).migrate(newest)
