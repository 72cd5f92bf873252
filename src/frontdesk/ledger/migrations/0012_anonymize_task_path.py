"""Tasks that were queued before their module was renamed still run: their rows name its old path."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OLD = "frontdesk.ledger.anonymise.move"
NEW = "frontdesk.ledger.anonymize.move"


def rename_task(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    results = apps.get_model("django_tasks_database", "DBTaskResult")
    results.objects.filter(task_path=OLD).update(task_path=NEW)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0011_texts"),
        ("django_tasks_database", "0001_initial"),
    ]

    operations = [migrations.RunPython(rename_task, migrations.RunPython.noop)]
