"""The rows of imports: from the first message until the import is done, stopped or taken back."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from frontdesk import audit
from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.core.sql.retries import with_retries
from frontdesk.core.tasks import enqueue_missing
from frontdesk.ledger.models import Import
from frontdesk.ledger.withdrawal import withdraw_import

COUNTS = ("recorded", "duplicates", "conflicts", "skipped", "rejected")
_UNFINISHED = (Import.State.RUNNING, Import.State.STOPPED)


def start(actor: Actor, agent: Agent, format_: str, file_name: str, digest: str) -> Import:
    """A new import, or the unfinished one of the same file, which is continued."""
    with transaction.atomic():
        same = Import.objects.filter(agent=agent, format=format_, digest=digest)
        row = same.filter(state__in=_UNFINISHED).first() if digest else None
        row = row or Import(agent=agent, format=format_, digest=digest)
        row.state, row.problem = Import.State.RUNNING, ""
        row.file_name, row.started_by = file_name[:255], actor.name
        row.save()
        audit.record(actor, "import", agent.id, id=row.id, format=format_)
    return row


def save_progress(
    import_id: uuid.UUID, counts: Mapping[str, int], reasons: Mapping[str, Mapping[str, int]]
) -> None:
    """Save how many messages had each outcome so far, and why."""
    Import.objects.filter(id=import_id).update(**counts, reasons=reasons)


def finish(import_id: uuid.UUID, problem: str = "") -> None:
    """The import has ended: at the end of its file, or earlier, because of a problem."""
    state = Import.State.STOPPED if problem else Import.State.DONE
    running = Import.objects.filter(id=import_id, state=Import.State.RUNNING)
    running.update(state=state, problem=problem, finished_at=timezone.now())


def undo(actor: Actor, import_id: uuid.UUID, progress: Callable[[], Any] = lambda: None) -> Import:
    """Take back what only this import brought. What was interrupted continues; safe to repeat.

    Raises Import.DoesNotExist.
    """
    row = with_retries(_start_undoing)(actor, import_id)
    _undo(row, progress)
    row.refresh_from_db()
    return row


def request_undo(actor: Actor, import_id: uuid.UUID) -> None:
    """End the import now, and take it back in the background. Raises Import.DoesNotExist."""
    with_retries(_start_undoing)(actor, import_id)
    take_back.enqueue(str(import_id))


@task(queue_name="imports")
def take_back(import_id: str) -> None:
    """Take back an import for which that was requested. Safe to repeat."""
    row = Import.objects.filter(id=uuid.UUID(import_id), state=Import.State.UNDOING).first()
    if row is not None:
        _undo(row, lambda: None)


def resume() -> int:
    """Restart the undoing whose task was lost, or whose command was; returns how many."""
    undoing = Import.objects.filter(state=Import.State.UNDOING)
    return enqueue_missing(take_back, undoing.values_list("id", flat=True))


def _undo(row: Import, progress: Callable[[], Any]) -> None:
    withdraw_import(row.agent_id, row.id, progress)
    Import.objects.filter(id=row.id, state=Import.State.UNDOING).update(
        state=Import.State.UNDONE, finished_at=timezone.now()
    )


def _start_undoing(actor: Actor, import_id: uuid.UUID) -> Import:
    """Waits for the batch that is being recorded; there will be no other."""
    row = Import.objects.select_for_update().get(id=import_id)
    if row.state != Import.State.UNDONE:
        row.state = Import.State.UNDOING
        row.save(update_fields=["state"])
        audit.record(actor, "undo_import", row.agent_id, id=row.id)
    return row
