"""Data of an older version still works after the upgrade."""

import importlib

import pytest
from django.apps import apps
from django.db import connection
from django_tasks_db.models import DBTaskResult

from frontdesk.ledger import anonymize

migration = importlib.import_module("frontdesk.ledger.migrations.0012_anonymize_task_path")


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["READY", "RUNNING"])
def test_an_anonymization_that_was_queued_before_the_upgrade_still_runs(status: str) -> None:
    queued = anonymize.move.enqueue("an erasure")
    other = anonymize.move.enqueue("another")
    old = DBTaskResult.objects.filter(id=queued.id)
    old.update(task_path="frontdesk.ledger.anonymise.move", status=status)
    DBTaskResult.objects.filter(id=other.id).update(task_path="other.task")

    editor = connection.SchemaEditorClass(connection)
    migration.rename_task(apps, editor)

    assert old.get().task.module_path == anonymize.move.module_path
    assert DBTaskResult.objects.get(id=other.id).task_path == "other.task"
