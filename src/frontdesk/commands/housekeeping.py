"""What has to be done again and again: every five minutes, and once a night.

The worker does it beside its tasks, in a thread of its own; `frontdesk housekeeping` does it at
once. Every job may run twice, or beside another worker's, without harm.
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

EVERY = dt.timedelta(minutes=5)
NIGHT = 3
"""The hour (UTC) from which on the nightly jobs are due."""

LAST_NIGHT = "housekeeping-night"
KEEP_RESULTS = dt.timedelta(days=7)
KEEP_BULK_JOBS = dt.timedelta(days=30)

Job = Callable[[], object]


def housekeeping() -> None:
    """Do at once what the worker does every five minutes and every night."""
    start_with_database()
    failed = run([*often(), *nightly()])
    if failed:
        raise typer.Exit(1)


class Housekeeper:
    """Does the jobs when they are due, from start() to the end of the process."""

    def start(self) -> None:
        threading.Thread(target=self._run, name="housekeeper", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                run_due(dt.datetime.now(dt.UTC))
            except Exception:  # without a database now, the jobs are done when it is back
                logger.exception("housekeeping failed")
            time.sleep(EVERY.total_seconds())


def run_due(now: dt.datetime) -> None:
    """The frequent jobs, and the nightly ones until all of them have succeeded in this night."""
    from django.core.cache import cache
    from django.db import connection

    try:
        run(often())
        night = (now - dt.timedelta(hours=NIGHT)).date().isoformat()
        if cache.get(LAST_NIGHT) != night and not run(nightly()):
            cache.set(LAST_NIGHT, night, timeout=None)
    finally:
        connection.close()  # a broken one would fail the next time as well


def run(jobs: Iterable[Job]) -> int:
    """Do each job, also after one that failed; return how many failed."""
    failed = 0
    for job in jobs:
        try:
            job()
        except Exception:  # the others must not wait for whoever mends this one
            logger.exception("%s failed", job.__name__)
            failed += 1
    return failed


def often() -> list[Job]:
    return [end_plans, mark_near_limits, clean_the_gate, resume_rebuilds, resume_unfinished]


def nightly() -> list[Job]:
    return [redact_texts, forget_results, forget_bulk_jobs, forget_telegram_updates]


def _each(agents: "Iterable[Agent]", do: "Callable[[Agent], object]") -> None:
    """Do it for every agent: one that it fails for must not keep it from the others."""
    errors = []
    for agent in agents:
        try:
            do(agent)
        except Exception as error:  # told with the others'
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"for {len(errors)} agents", errors)


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


def resume_rebuilds() -> None:
    from frontdesk.ledger import rebuild

    rebuild.resume()


def resume_unfinished() -> None:
    """Erasures, deletions of agents and acts on many users go on whose task is gone."""
    from frontdesk.ledger import anonymise, deletion, erase
    from frontdesk.people.bulk_actions import bulk

    bulk.resume()
    erase.resume()
    anonymise.resume()
    deletion.resume()


def redact_texts() -> None:
    from django.utils import timezone

    from frontdesk.agents.models import Agent
    from frontdesk.ledger import retention

    agents = Agent.objects.filter(deleting_since=None)
    _each(agents, lambda agent: retention.redact_texts(agent, timezone.now()))


def forget_results() -> None:
    """What became of tasks is of no use a week later."""
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEEP_RESULTS).delete()


def forget_bulk_jobs() -> None:
    """Those that were stopped, or have failed, still say whom they meant."""
    from django.utils import timezone

    from frontdesk.people.bulk_actions import bulk

    bulk.forget(timezone.now() - KEEP_BULK_JOBS)


def forget_telegram_updates() -> None:
    from django.utils import timezone

    from frontdesk.channels.telegram import cleaning

    cleaning.forget_updates(timezone.now())
