"""Hours, models and habits, which an earlier version did not keep, are made from the messages.

The worker finds the agents that are marked here, see frontdesk.ledger.rebuild.resume.
"""

from importlib import import_module

from django.db import migrations

mark = import_module("frontdesk.ledger.migrations.0004_rebuild").mark


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_analytics")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
