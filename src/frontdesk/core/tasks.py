"""Work that was begun and has no task any more: its task failed, or was lost with its worker."""

import uuid
from collections.abc import Iterable

from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult


def enqueue_missing(task: "Task[[str], None]", wanted: Iterable[uuid.UUID]) -> int:
    """Ask for the task of each id that none is waiting or running for; returns how many."""
    unfinished = DBTaskResult.objects.filter(
        task_path=task.module_path,
        status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING),
    )
    asked = {args["args"][0] for args in unfinished.values_list("args_kwargs", flat=True)}
    missing = [str(id_) for id_ in wanted if str(id_) not in asked]
    for id_ in missing:
        task.enqueue(id_)
    return len(missing)
