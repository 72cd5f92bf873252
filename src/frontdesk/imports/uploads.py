"""Imports of uploaded files: checked in a dry run first, then imported, both by the worker.

An interrupted check begins again. An interrupted import continues, because importing a file again
adds nothing. A new state of the row tells the worker to stop.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from frontdesk import audit
from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.core.tasks import enqueue_missing
from frontdesk.imports import upload_files
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.formats import FORMATS
from frontdesk.imports.guessing import guess_format
from frontdesk.imports.models import Upload
from frontdesk.imports.progress import watched
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source
from frontdesk.imports.stored_options import restored

logger = logging.getLogger(__name__)

State = Upload.State

MAX_WAITING = 20
"""Uploads of one agent that are not imported yet."""
KEEP_WAITING = dt.timedelta(days=1)
KEEP_REPORTS = dt.timedelta(days=30)
"""How long the notices and the rejected lines of an import are kept: they may name users."""
SAVE_EVERY = 1.0
"""Seconds between two savings of the progress."""


class Stopped(ImportFileError):  # noqa: N818  # not an error
    """An operator stopped it."""


def waiting(agent: Agent) -> int:
    """How many uploads are not imported yet."""
    return Upload.objects.filter(agent=agent).exclude(state=State.DONE).count()


def add(actor: Actor, agent: Agent, part: Path, name: str, size: int, format_: str) -> Upload:
    """Take a file that was received, and check it in the background.

    Without a format it is guessed; if that fails, the operator is asked.
    """
    upload = Upload(agent=agent, file_name=name[:255], size=size)
    upload.format = format_ or guess_format(part)
    upload.requested_by = actor.name[:255]
    upload.actor_kind, upload.actor_id = actor.kind, actor.id
    if not upload.format:
        upload.state, upload.problem = State.FAILED, _("What is it? Its format is not obvious.")
    upload.save(force_insert=True)
    upload_files.keep(part, upload)
    audit.record(actor, "upload", agent.id, upload=upload.id, size=size)
    if upload.format:
        work.enqueue(str(upload.id))
    return upload


def check(actor: Actor, upload: Upload, format_: str, options: dict[str, Any]) -> None:
    """Check the file again, as another format or with other options."""
    to = {"format": format_, "options": options, "report": {}}
    if _change(upload, (State.READY, State.FAILED), State.CHECKING, **to):
        audit.record(actor, "check_upload", upload.agent_id, upload=upload.id, format=format_)
        work.enqueue(str(upload.id))


def begin(actor: Actor, upload: Upload) -> None:
    """Import the file that was checked, or what an import that was stopped has left."""
    by = {"requested_by": actor.name[:255], "actor_kind": actor.kind, "actor_id": actor.id}
    if _change(upload, (State.READY,), State.IMPORTING, **by):  # the journal audits the import
        work.enqueue(str(upload.id))


def stop(actor: Actor, upload: Upload) -> None:
    """Stop importing. What was recorded stays, and `begin` continues."""
    if _change(upload, (State.IMPORTING,), State.READY):
        audit.record(actor, "stop_import", upload.agent_id, upload=upload.id)


def cancel(actor: Actor, upload: Upload) -> None:
    """Delete a file that is not being imported."""
    removable = Upload.objects.filter(id=upload.id).exclude(state__in=(State.IMPORTING, State.DONE))
    if removable.delete()[0]:
        audit.record(actor, "cancel_upload", upload.agent_id, upload=upload.id)
        upload_files.delete_folder(upload.id)


def _change(upload: Upload, old: tuple[State, ...], new: State, **values: Any) -> bool:
    """Whether the upload had one of the `old` states, and has the new one now."""
    changed = {"problem": "", "position": 0, "total": 0, "changed_at": timezone.now(), **values}
    rows = Upload.objects.filter(id=upload.id, state__in=old)
    return bool(rows.update(state=new, **changed))


def resume() -> int:
    """Restart the checks and imports whose task was lost; returns how many."""
    running = Upload.objects.filter(state__in=Upload.RUNNING)
    return enqueue_missing(work, running.values_list("id", flat=True))


def clean(now: dt.datetime) -> None:
    """Delete what nobody imported within a day, and what is kept of old imports."""
    for states, age in (
        ((State.READY, State.FAILED), KEEP_WAITING),
        ((State.DONE,), KEEP_REPORTS),
    ):
        Upload.objects.filter(state__in=states, changed_at__lt=now - age).delete()
    upload_files.delete_unknown((now - KEEP_WAITING).timestamp())


@task(queue_name="imports")
def work(upload_id: str) -> None:
    """Check or import an uploaded file. Safe to repeat."""
    rows = Upload.objects.filter(id=uuid.UUID(upload_id), state__in=Upload.RUNNING)
    upload = rows.select_related("agent").first()
    if upload is None or upload.agent.deleting_since is not None:
        return
    notices: list[str] = []
    dry_run = upload.state == State.CHECKING
    upload_files.delete_rejected(upload.id)  # those of a run that did not reach its end
    report = Report(show=notices.append, dry_run=dry_run, actor=upload.actor)
    with suppress(Stopped):
        problem = _run(upload, report)
        found = {
            "counts": report.counts(),
            "notices": [text for text in notices if str(upload_files.root()) not in text],
            "reasons": report.reasons(),
            "first": report.first if dry_run else [],
        }
        (_checked if dry_run else _imported)(upload, report, problem, found)


def _run(upload: Upload, report: Report) -> str:
    """Do the work; returns what is wrong, if anything. Raises Stopped."""
    path, format_ = upload_files.path_of(upload), FORMATS.get(upload.format)
    if format_ is None:
        return _("This version does not know the format; choose another.")
    if not path.exists():
        return _("The file is gone. Web server and worker must share their home; upload it again.")
    try:
        with watched(_watcher(upload, report)):
            format_.run(upload.agent, path, report, restored(upload.options))
    except Stopped:
        raise
    except ImportFileError as error:
        return str(error)
    except Exception:  # shown to the operator, who can try again
        logger.exception("upload %s failed", upload.id)
        state = State.FAILED if report.dry_run else State.READY
        problem = _("Something went wrong; see the log of the server.")
        _change(upload, (State(upload.state),), state, problem=problem)
        raise Stopped(problem) from None
    return ""


def _watcher(upload: Upload, report: Report) -> Callable[[Source], None]:
    """Saves the progress now and then. Raises Stopped if the upload has another state."""
    ours = Upload.objects.filter(id=upload.id, state=upload.state)
    saved = -SAVE_EVERY

    def watch(source: Source) -> None:
        nonlocal saved
        if monotonic() - saved < SAVE_EVERY:
            return
        saved = monotonic()
        now = {"position": source.position, "total": source.size or 0}
        if not ours.update(**now, record=report.import_id):
            raise Stopped(_("stopped"))

    return watch


def _checked(upload: Upload, report: Report, problem: str, found: dict[str, Any]) -> None:
    """Ready, if anything can be imported: also what stands before damage."""
    if report.tally.read and not report.tally.imported:
        problem = problem or _("Nothing in the file can be imported.")
    state = State.READY if report.tally.imported else State.FAILED
    _change(upload, (State.CHECKING,), state, problem=problem, report=found)


def _imported(upload: Upload, report: Report, problem: str, found: dict[str, Any]) -> None:
    if report.import_id is None:  # it was refused, so there is nothing to report
        _change(upload, (State.IMPORTING,), State.FAILED, problem=problem)
        return
    to = {"problem": problem, "report": found, "record": report.import_id}
    if _change(upload, (State.IMPORTING,), State.DONE, **to):
        upload_files.delete_file(upload)
