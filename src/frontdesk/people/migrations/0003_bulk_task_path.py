"""Tasks that were queued before their module moved still run: their rows name its old path."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OLD = "frontdesk.people.bulk_acts.bulk.run"
NEW = "frontdesk.people.bulk_actions.bulk.run"


def rename_task(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    results = apps.get_model("django_tasks_database", "DBTaskResult")
    results.objects.filter(task_path=OLD).update(task_path=NEW)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_bulkjob_who"),
        ("django_tasks_database", "0001_initial"),
    ]

    operations = [migrations.RunPython(rename_task, migrations.RunPython.noop)]
