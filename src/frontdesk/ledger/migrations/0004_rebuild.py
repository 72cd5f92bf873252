"""Numbers that an earlier version did not keep are made from the messages, in the background.

The worker finds the agents that are marked here, see frontdesk.ledger.rebuild.resume.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone


def mark(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    agents = apps.get_model("agents", "Agent").objects
    for agent in agents.filter(rebuilding_since=None):
        if apps.get_model("ledger", "EndUser").objects.filter(agent_id=agent.id).exists():
            agents.filter(id=agent.id).update(rebuilding_since=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_moderation")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
