"""Recurring jobs: some every five minutes, some once a night.

The worker runs them in their own thread; `frontdesk housekeeping` runs them at once. Each job may
run twice, or at the same time in another worker, without harm.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import typer

from frontdesk.commands.setup import start_with_database

if TYPE_CHECKING:
    from frontdesk.agents.models import Agent

logger = logging.getLogger(__name__)

INTERVAL = dt.timedelta(minutes=5)
NIGHT = 3
"""The hour (UTC) from which the nightly jobs are due."""

LAST_NIGHT = "housekeeping-night"
KEEP_RESULTS = dt.timedelta(days=7)
KEEP_BULK_JOBS = dt.timedelta(days=30)

Job = Callable[[], object]


def housekeeping() -> None:
    """Run the worker's periodic and nightly jobs now."""
    start_with_database()
    failed = run([*periodic_jobs(), *nightly_jobs()])
    if failed:
        raise typer.Exit(1)


class Housekeeper:
    """Runs the jobs when they are due, from start() until the process ends."""

    def start(self) -> None:
        threading.Thread(target=self._run, name="housekeeper", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                run_due(dt.datetime.now(dt.UTC))
            except Exception:  # without a database, the jobs run once it is back
                logger.exception("housekeeping failed")
            time.sleep(INTERVAL.total_seconds())


def run_due(now: dt.datetime) -> None:
    """Run the periodic jobs, and the nightly ones until all have succeeded this night."""
    from django.core.cache import cache
    from django.db import connection

    try:
        run(periodic_jobs())
        night = (now - dt.timedelta(hours=NIGHT)).date().isoformat()
        if cache.get(LAST_NIGHT) != night and not run(nightly_jobs()):
            cache.set(LAST_NIGHT, night, timeout=None)
    finally:
        connection.close()  # a broken connection would fail the next time too


def run(jobs: Iterable[Job]) -> int:
    """Run each job, whether or not others fail; return how many failed."""
    failed = 0
    for job in jobs:
        try:
            job()
        except Exception:  # the other jobs must still run
            logger.exception("%s failed", job.__name__)
            failed += 1
    return failed


def periodic_jobs() -> list[Job]:
    return [
        end_plans,
        mark_near_limits,
        clean_the_gate,
        clean_uploads,
        resume_rebuilds,
        resume_unfinished,
    ]


def nightly_jobs() -> list[Job]:
    from frontdesk.channels.registry import all_channels

    of_channels = [job for channel in all_channels() for job in channel.nightly_jobs()]
    return [redact_texts, forget_results, forget_bulk_jobs, *of_channels]


def _each(agents: "Iterable[Agent]", job: "Callable[[Agent], object]") -> None:
    """Run the job for every agent, even if it fails for some."""
    errors = []
    for agent in agents:
        try:
            job(agent)
        except Exception as error:  # raised below, together with the others
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"failed for {len(errors)} agents", errors)


def end_plans() -> None:
    from django.utils import timezone

    from frontdesk.ledger import assign

    assign.end_plans(timezone.now())


def mark_near_limits() -> None:
    from django.utils import timezone

    from frontdesk.agents.models import Agent
    from frontdesk.gate import near_limits

    _each(Agent.objects.active(), lambda agent: near_limits.mark_near_limits(agent, timezone.now()))


def clean_the_gate() -> None:
    from django.utils import timezone

    from frontdesk.gate import cleaning

    cleaning.clean(timezone.now())


def clean_uploads() -> None:
    """Delete uploaded files that nobody imported, and what is kept of old imports."""
    from django.utils import timezone

    from frontdesk.imports import uploads

    uploads.clean(timezone.now())


def resume_rebuilds() -> None:
    from frontdesk.ledger import rebuild

    rebuild.resume()


def resume_unfinished() -> None:
    """Requeue the erasures, deletions of agents, bulk jobs and imports whose task was lost."""
    from frontdesk.imports import uploads
    from frontdesk.ledger import anonymize, deletion, erase, imports
    from frontdesk.people.bulk_actions import bulk

    bulk.restart_stalled()
    erase.resume()
    anonymize.resume()
    deletion.resume()
    imports.resume()
    uploads.resume()


def redact_texts() -> None:
    from django.utils import timezone

    from frontdesk.agents.models import Agent
    from frontdesk.ledger import retention

    agents = Agent.objects.filter(deleting_since=None)
    _each(agents, lambda agent: retention.redact_texts(agent, timezone.now()))


def forget_results() -> None:
    """Delete the results of tasks after a week."""
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEEP_RESULTS).delete()


def forget_bulk_jobs() -> None:
    """Delete old bulk jobs: those that were stopped or failed still name their users."""
    from django.utils import timezone

    from frontdesk.people.bulk_actions import bulk

    bulk.forget(timezone.now() - KEEP_BULK_JOBS)
