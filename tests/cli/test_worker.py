"""What happens to tasks whose worker died."""

import datetime as dt
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from frontdesk.agents.models import Agent
from frontdesk.commands.worker import IMPORTS, _worker_of, lock_home, requeue_lost_tasks
from frontdesk.imports.models import Upload
from frontdesk.ledger.rebuild import rebuild
from tests.factories import make_upload


def running_task(worker: str, minutes_ago: int = 1) -> "DBTaskResult[[str], None]":
    result = rebuild.enqueue(str(uuid.uuid4()))
    task = DBTaskResult.objects.get(id=result.id)
    task.claim(worker)
    task.started_at = timezone.now() - dt.timedelta(minutes=minutes_ago)
    task.save()
    return task


@pytest.mark.django_db
def test_a_task_of_a_dead_worker_of_this_home_is_queued_again(agent: Agent, tmp_path: Path) -> None:
    home_id = lock_home(tmp_path)
    task = running_task(f"{home_id}:4711")
    assert requeue_lost_tasks(home_id) == 1
    assert DBTaskResult.objects.ready().get().id == task.id


@pytest.mark.django_db
def test_a_task_of_another_home_is_left_to_it_for_an_hour(agent: Agent) -> None:
    running_task("another:4711", minutes_ago=59)
    assert requeue_lost_tasks("ours") == 0
    running_task("another:4711", minutes_ago=61)
    assert requeue_lost_tasks("ours") == 1


@pytest.mark.django_db(transaction=True)
def test_other_tasks_do_not_wait_for_imports(agent: Agent) -> None:
    upload = make_upload(agent, format_="jsonl")
    for queues, excluded, state in (
        (["*"], [IMPORTS], "checking"),
        ([IMPORTS], [], "failed"),  # nothing in it can be imported
    ):
        tasks = _worker_of(queues, excluded, "home")
        tasks.batch = True  # ends when there is nothing to do
        tasks.run()
        assert Upload.objects.get(id=upload.id).state == state


def test_a_home_keeps_its_id(tmp_path: Path) -> None:
    script = """
import pathlib, sys
from frontdesk.commands.worker import lock_home
print(lock_home(pathlib.Path(sys.argv[1])))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    first, second = (subprocess.check_output(command, text=True) for _ in range(2))
    assert first == second
    assert len(first.strip()) == 32
