"""One action on many users: at once for a page of them, in the background for more.

A job processes its users in the order of their ids, some at a time, and stores its progress after
each step. A job whose worker died resumes there, so at most one step is repeated, which changes
nothing more. Users who write for the first time after the job was requested are not included.
"""

import contextlib
import datetime as dt
import logging
import uuid
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import F
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from frontdesk import audit
from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.core.tasks import enqueue_missing
from frontdesk.ledger.models import EndUser
from frontdesk.people import actions
from frontdesk.people.actions import ActionError
from frontdesk.people.models import BulkJob
from frontdesk.people.table import traversal
from frontdesk.people.table.counting import count
from frontdesk.people.table.users_query import UsersQuery

logger = logging.getLogger(__name__)

AT_ONCE = 250
"""The most users that one request changes; more are changed in the background."""

Params = dict[str, Any]


class _Handler(NamedTuple):
    """The function that applies an action to some users and returns how many changed."""

    do: Callable[[Actor, Agent, Sequence[uuid.UUID], Params], int]
    step: int = actions.MAX_IDS
    """The most users of one call."""


def start(
    actor: Actor,
    agent: Agent,
    action: str,
    params: Params,
    users: UsersQuery | Sequence[uuid.UUID],
) -> BulkJob:
    """Apply `action` (a BulkJob.Action) to these users. The job has, or will have, the result.

    `params` are those of the action's function below; times are ISO 8601, or empty. Raises
    ActionError for invalid ones before any user is changed.
    """
    _HANDLERS[action].do(actor, agent, [], params)  # without users: validates the parameters
    job = BulkJob(agent=agent, action=action, params=params, requested_by=actor.name[:255])
    job.actor_kind, job.actor_id = actor.kind, actor.id
    if isinstance(users, UsersQuery):
        job.is_query, job.query, job.zone = True, urlencode(users.params(page=1)), users.zone.key
        total = count(agent, users)
    else:
        job.ids = [str(id_) for id_ in sorted(set(users))]
        total = len(job.ids)
    job.total = total or 0
    job.save(force_insert=True)
    audit.record(actor, f"bulk_{action}", agent.id, job=job.id, total=total)
    if total is None or total > AT_ONCE:
        run.enqueue(str(job.id))
    else:
        work(job.id)
    job.refresh_from_db()
    return job


@task()
def run(job_id: str) -> None:
    """Do the rest of a job. Safe to repeat."""
    work(uuid.UUID(job_id))


def restart_stalled() -> int:
    """Restart the jobs whose task was lost; returns how many."""
    unfinished = BulkJob.objects.filter(state__in=BulkJob.UNFINISHED)
    return enqueue_missing(run, unfinished.values_list("id", flat=True))


def forget(before: dt.datetime) -> int:
    """Delete the jobs that ended before this; returns how many."""
    return BulkJob.objects.filter(finished_at__lt=before).delete()[0]


def stop(actor: Actor, job: BulkJob) -> None:
    """Stop the job. Users that were changed stay changed."""
    unfinished = BulkJob.objects.filter(id=job.id, state__in=BulkJob.UNFINISHED)
    if unfinished.update(state=BulkJob.State.STOPPED, finished_at=timezone.now()):
        audit.record(actor, f"stop_bulk_{job.action}", job.agent_id, job=job.id)


def resume(actor: Actor, job: BulkJob) -> None:
    """Resume a job that was stopped or has failed, where it stopped."""
    halted = BulkJob.objects.filter(
        id=job.id, state__in=(BulkJob.State.STOPPED, BulkJob.State.FAILED)
    )
    if halted.update(state=BulkJob.State.WAITING, problem="", finished_at=None):
        audit.record(actor, f"resume_bulk_{job.action}", job.agent_id, job=job.id)
        run.enqueue(str(job.id))


def work(job_id: uuid.UUID) -> None:
    """Do the rest of a job, until it is done, stopped, or taken over by another worker."""
    waiting = BulkJob.objects.filter(id=job_id, state=BulkJob.State.WAITING)
    waiting.update(state=BulkJob.State.RUNNING)
    running = BulkJob.objects.filter(id=job_id, state=BulkJob.State.RUNNING)
    job = running.select_related("agent").first()
    if job is None:  # it has ended, or was deleted with its agent
        return
    handler = _HANDLERS[job.action]
    actor = Actor(job.actor_kind, job.actor_id, job.requested_by)  # type: ignore[arg-type]
    try:
        while ids := _next(job, handler.step):
            changed = handler.do(actor, job.agent, ids, job.params)
            if not _advance(job, ids, changed):
                return
        _finish(job)
    except ActionError as error:
        _fail(job, error.message)
    except Exception:  # shown to the operator
        logger.exception("bulk job %s failed", job.id)
        _fail(job, _("Something went wrong; see the log of the server."))


def _next(job: BulkJob, limit: int) -> list[uuid.UUID]:
    """The ids of the next users: of the selected ones, or of the list."""
    if job.is_query:
        return traversal.by_id(job.agent, _query(job), job.last_id, limit)
    return [uuid.UUID(id_) for id_ in job.ids[:limit]]


def _query(job: BulkJob) -> UsersQuery:
    """The list as it was when the job was requested."""
    query, problems = UsersQuery.parse(QueryDict(job.query), zoneinfo.ZoneInfo(job.zone))
    if problems:  # without a filter that is no longer valid, more users would match
        raise ActionError(problems[0].parameter, problems[0].text)
    return replace(query, now=job.requested_at, known_by=job.requested_at)


def _advance(job: BulkJob, ids: Sequence[uuid.UUID], changed: int) -> bool:
    """Store the progress. False if the job no longer belongs to this worker."""
    ours = BulkJob.objects.filter(id=job.id, state=BulkJob.State.RUNNING, last_id=job.last_id)
    job.ids, job.last_id = job.ids[len(ids) :], ids[-1]
    done = {"seen": F("seen") + len(ids), "changed": F("changed") + changed}
    return bool(ours.update(ids=job.ids, last_id=job.last_id, **done))


def _finish(job: BulkJob) -> None:
    """Mark the job as done and delete its users and parameters, which may name erased users."""
    done = {"state": BulkJob.State.DONE, "finished_at": timezone.now()}
    BulkJob.objects.filter(id=job.id, state=BulkJob.State.RUNNING).update(
        **done, params={}, ids=[], query="", last_id=None
    )


def _fail(job: BulkJob, problem: str) -> None:
    BulkJob.objects.filter(id=job.id, state__in=BulkJob.UNFINISHED).update(
        state=BulkJob.State.FAILED, finished_at=timezone.now(), problem=problem[:500]
    )


# --- the actions ---------------------------------------------------------------------------------


def _tags(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID], params: Params) -> int:
    return actions.change_tags(actor, agent, ids, params["add"], params["remove"])


def _plan(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID], params: Params) -> int:
    return actions.assign_plan(actor, agent, ids, params["plan"], _time(params["until"]))


def _block(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID], params: Params) -> int:
    return actions.block(
        actor,
        agent,
        ids,
        reason=params["reason"],
        until=_time(params["until"]),
        note=params["note"],
        text=params["text"],
    )


def _unblock(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID], params: Params) -> int:
    return actions.unblock(actor, agent, ids)


def _erase(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID], params: Params) -> int:
    """One by one, with a receipt for each. Users that are already gone are skipped."""
    erased = 0
    for id_ in ids:
        with contextlib.suppress(EndUser.DoesNotExist):
            actions.erase(actor, agent, id_, may_return=params["may_return"])
            erased += 1
    return erased


def _time(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


_HANDLERS: dict[str, _Handler] = {
    BulkJob.Action.TAGS: _Handler(_tags),
    BulkJob.Action.PLAN: _Handler(_plan),
    BulkJob.Action.BLOCK: _Handler(_block),
    BulkJob.Action.UNBLOCK: _Handler(_unblock),
    BulkJob.Action.ERASE: _Handler(_erase, step=25),
}
