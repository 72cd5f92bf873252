"""`frontdesk worker`: runs background tasks and channels. `frontdesk serve` starts one."""

import fcntl
import logging
import os
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.commands.housekeeping import Housekeeper
from frontdesk.commands.parent_watchdog import watch_parent
from frontdesk.commands.setup import start_with_database

if TYPE_CHECKING:
    from django_tasks_db.management.commands.db_worker import Worker

logger = logging.getLogger(__name__)

IMPORTS = "imports"
"""The queue of tasks that may take hours: other tasks must not wait for them."""

POLL_SECONDS = 1.0
POLL_SECONDS_OF_ONE_WRITER = 5.0
"""Each poll for tasks briefly takes SQLite's write lock, which recording needs too."""

LOST_AFTER = timedelta(hours=1)
"""How long a worker of another home may take for a task. Our own is checked by its lock."""

Parent = Annotated[
    int | None, typer.Option(hidden=True, help="End when the parent process has another id.")
]


def worker(parent: Parent = None) -> None:
    """Run background tasks and channels, such as Telegram bots, until Ctrl-C or SIGTERM.

    A second worker for the same home waits until the first one ends.
    """
    if parent is not None:
        watch_parent(parent)
    environment = start_with_database()
    from frontdesk.channels.registry import all_channels

    logging.getLogger("django_tasks_db").setLevel(logging.ERROR)  # it warns about a clean end
    home_id = lock_home(environment.home)
    requeued = requeue_lost_tasks(home_id)
    if requeued:
        logger.warning("restarting %d tasks of a worker that died", requeued)
    tasks = _worker_of(["*"], [IMPORTS], home_id)
    tasks.configure_signals()
    Housekeeper().start()
    run_beside(_worker_of([IMPORTS], [], home_id))
    made = [channel.make_runner(uuid.UUID(home_id)) for channel in all_channels()]
    runners = [runner for runner in made if runner is not None]
    for runner in runners:
        runner.start()
    try:
        tasks.run()  # ends by SystemExit
    finally:
        for runner in runners:
            runner.stop()  # otherwise parts being sent at this moment would count as sent


def _worker_of(queues: list[str], excluded: list[str], home_id: str) -> "Worker":
    from django_tasks_db.management.commands.db_worker import Worker

    from frontdesk.core.sql.dialect import dialect

    return Worker(
        queue_names=queues,
        excluded_queue_names=excluded,
        interval=POLL_SECONDS_OF_ONE_WRITER if dialect().has_one_writer else POLL_SECONDS,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{home_id}:{os.getpid()}",
    )


def run_beside(tasks: "Worker") -> None:
    """Run the tasks of a queue in a thread, which ends with this process.

    A task that it was running is queued again by the next worker.
    """

    def run() -> None:
        while True:
            try:
                tasks.run()
            except Exception:  # without a database; it continues once that is back
                logger.exception("the queue of imports failed")
            time.sleep(tasks.interval)

    threading.Thread(target=run, name="imports", daemon=True).start()


def lock_home(home: Path) -> str:
    """Wait until no other worker serves this home; return the home's id among workers.

    The lock ends with this process, however it ends.
    """
    descriptor = os.open(home / "worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    known = os.read(descriptor, 32).decode()
    if len(known) == 32:
        return known
    made = uuid.uuid4().hex
    os.pwrite(descriptor, made.encode(), 0)
    return made


def requeue_lost_tasks(home_id: str) -> int:
    """Requeue the tasks whose worker died; return how many. Tasks may therefore run twice.

    Call this while holding the home's lock: then no other worker of this home is alive.
    """
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    lost = [
        task.pk
        for task in DBTaskResult.objects.running().only("worker_ids", "started_at")
        if task.worker_ids[-1].startswith(home_id) or task.started_at < timezone.now() - LOST_AFTER
    ]
    ready = {"status": "READY", "started_at": None}
    return DBTaskResult.objects.running().filter(pk__in=lost).update(**ready)
