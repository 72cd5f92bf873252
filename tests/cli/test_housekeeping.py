"""The worker's recurring jobs."""

import datetime as dt
import logging

import pytest
from django.core.cache import cache
from django_tasks_db.models import DBTaskResult

from frontdesk.agents.models import Agent
from frontdesk.commands import housekeeping
from frontdesk.ledger import rebuild, retention
from tests.factories import make_agent

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_a_failing_job_does_not_keep_others_from_running(caplog: pytest.LogCaptureFixture) -> None:
    done = []

    def breaks() -> None:
        raise ValueError("of this job")

    with caplog.at_level(logging.ERROR):
        assert housekeeping.run([breaks, lambda: done.append(1)]) == 1
    assert done == [1]
    assert "breaks failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_nightly_jobs_run_once_a_night(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.delete(housekeeping.LAST_NIGHT)
    nights = []
    monkeypatch.setattr(housekeeping, "periodic_jobs", list)
    monkeypatch.setattr(housekeeping, "nightly_jobs", lambda: [lambda: nights.append(1)])
    for hours in (0, 1, 13, 14, 16):  # noon, 13:00, 1:00, 2:00 (still that night), 4:00
        housekeeping.run_due(NOON + dt.timedelta(hours=hours))
    assert len(nights) == 2


@pytest.mark.django_db(transaction=True)
def test_nightly_jobs_that_failed_are_retried_in_the_same_night(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache.delete(housekeeping.LAST_NIGHT)
    tries: list[int] = []

    def fails_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("of the first time")

    monkeypatch.setattr(housekeeping, "periodic_jobs", list)
    monkeypatch.setattr(housekeeping, "nightly_jobs", lambda: [fails_once])
    for minutes in (0, 5, 10):
        housekeeping.run_due(NOON + dt.timedelta(minutes=minutes))
    assert len(tries) == 2


@pytest.mark.django_db
def test_an_agent_whose_texts_cannot_be_removed_does_not_affect_others(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agent("Bert")
    done: list[str] = []

    def blank(one: Agent, now: dt.datetime) -> None:
        done.append(one.name)
        raise ValueError("of this agent")

    monkeypatch.setattr(retention, "redact_texts", blank)
    with pytest.raises(ExceptionGroup, match="for 2 agents"):
        housekeeping.redact_texts()
    assert sorted(done) == ["Ada", "Bert"]


@pytest.mark.django_db
def test_every_job_runs_on_an_installation_with_an_agent(agent: Agent) -> None:
    assert housekeeping.run([*housekeeping.periodic_jobs(), *housekeeping.nightly_jobs()]) == 0


@pytest.mark.django_db
def test_a_requested_rebuild_without_a_task_is_queued_once(agent: Agent) -> None:
    Agent.objects.filter(id=agent.id).update(rebuilding_since=NOON)
    assert rebuild.resume() == 1
    assert rebuild.resume() == 0
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(agent.id)]
