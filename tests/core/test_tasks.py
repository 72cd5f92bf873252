"""Lost tasks are enqueued again."""

import uuid

from django_tasks_db.models import DBTaskResult

from frontdesk.core.tasks import enqueue_missing
from frontdesk.ledger.erase import remove_rest


def test_only_tasks_that_neither_wait_nor_run_are_enqueued(db: None) -> None:
    waiting, done, missing = (uuid.uuid4() for _ in range(3))
    assert enqueue_missing(remove_rest, [waiting, done]) == 2
    DBTaskResult.objects.filter(args_kwargs__args=[str(done)]).update(status="SUCCESSFUL")
    assert enqueue_missing(remove_rest, [waiting, done, missing]) == 2
    assert enqueue_missing(remove_rest, [waiting, done, missing]) == 0
