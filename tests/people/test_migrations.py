"""Data of an older version still works after the upgrade."""

import importlib

import pytest
from django.apps import apps
from django.db import connection
from django_tasks_db.models import DBTaskResult

from frontdesk.people.bulk_actions import bulk

migration = importlib.import_module("frontdesk.people.migrations.0003_bulk_task_path")


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["READY", "RUNNING"])
def test_a_bulk_job_that_was_queued_before_the_upgrade_still_runs(status: str) -> None:
    queued = bulk.run.enqueue("a job")
    DBTaskResult.objects.filter(id=queued.id).update(
        task_path="frontdesk.people.bulk_acts.bulk.run", status=status
    )

    editor = connection.SchemaEditorClass(connection)
    migration.rename_task(apps, editor)

    assert DBTaskResult.objects.get(id=queued.id).task.module_path == bulk.run.module_path


@pytest.mark.django_db
def test_other_tasks_keep_their_paths() -> None:
    DBTaskResult.objects.filter(id=bulk.run.enqueue("a job").id).update(task_path="other.task")

    editor = connection.SchemaEditorClass(connection)
    migration.rename_task(apps, editor)

    assert DBTaskResult.objects.get().task_path == "other.task"
