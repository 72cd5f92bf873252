"""Search keys and names to sort by, which an earlier version folded less, are made again.

The worker finds the agents that are marked here, see frontdesk.ledger.rebuild.resume.
"""

from importlib import import_module

from django.db import migrations

mark = import_module("frontdesk.ledger.migrations.0004_rebuild").mark


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_reactions")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
