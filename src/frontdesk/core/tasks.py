"""Background tasks for work that a row describes: an erasure, a bulk job, a deletion.

The row is authoritative. Its task may be lost, because it failed or its worker was killed, so
housekeeping calls `enqueue_missing` with the ids of all rows that are not done.
"""

import uuid
from collections.abc import Iterable

from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult


def enqueue_missing(task: "Task[[str], None]", wanted: Iterable[uuid.UUID]) -> int:
    """Enqueue the task for each id that has none waiting or running. Returns how many."""
    unfinished = DBTaskResult.objects.filter(
        task_path=task.module_path,
        status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING),
    )
    enqueued = {args["args"][0] for args in unfinished.values_list("args_kwargs", flat=True)}
    missing = [str(id_) for id_ in wanted if str(id_) not in enqueued]
    for id_ in missing:
        task.enqueue(id_)
    return len(missing)
