"""The operator's own prices move from the backend to its agent."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PRICES = ("input_price", "cached_price", "output_price")


def to_agents(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    agents = apps.get_model("agents", "Agent").objects
    for agent_id, *prices in apps.get_model("backends", "Backend").objects.values_list(
        "agent_id", *PRICES
    ):
        if any(price is not None for price in prices):
            agents.filter(id=agent_id).update(**dict(zip(PRICES, prices, strict=True)))


def to_backends(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    backends = apps.get_model("backends", "Backend").objects
    for agent_id, *prices in apps.get_model("agents", "Agent").objects.values_list("id", *PRICES):
        backends.filter(agent_id=agent_id).update(**dict(zip(PRICES, prices, strict=True)))


class Migration(migrations.Migration):
    dependencies = [("backends", "0002_texts"), ("agents", "0007_prices")]
    operations = [
        migrations.RunPython(to_agents, to_backends),
        *(migrations.RemoveField("backend", name) for name in PRICES),
    ]
