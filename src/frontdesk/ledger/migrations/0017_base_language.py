"""Users are counted and found by base language. What is counted by region is folded here.

The users' own base languages are filled in by the rebuild that this marks.
"""

from importlib import import_module

from django.db import migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F

from frontdesk.core.sql.migrations import AddIndex, RemoveIndex

mark = import_module("frontdesk.ledger.migrations.0004_rebuild").mark


def fold(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    counts = apps.get_model("ledger", "FacetCount").objects.filter(facet="language")
    regional = counts.filter(value__contains="-").order_by("agent_id", "value")
    for agent_id, value, users in list(regional.values_list("agent_id", "value", "users")):
        own = counts.filter(agent_id=agent_id)
        base = value.partition("-")[0]
        with transaction.atomic():
            if not own.filter(value=base).update(users=F("users") + users):
                own.create(agent_id=agent_id, facet="language", value=base, users=users)
            own.filter(value=value).delete()


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds an index beside running writers only outside of one
    dependencies = [("ledger", "0016_rebuild_for_folding")]
    operations = [
        migrations.AddField(
            model_name="enduser",
            name="base_language",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="The language without its region.",
                max_length=35,
            ),
        ),
        AddIndex(
            model_name="enduser",
            index=models.Index(
                fields=["agent", "base_language", "last_message_at", "id"],
                name="enduser_base_language",
            ),
        ),
        RemoveIndex(model_name="enduser", name="enduser_language"),
        migrations.RunPython(fold, migrations.RunPython.noop),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
