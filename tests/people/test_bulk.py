"""One action on many users: applied to each of them once, and it can be stopped and resumed."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM, Actor
from frontdesk.gate import blocks
from frontdesk.ledger.models import EndUser, Erasure, FacetCount, UserTag
from frontdesk.people import actions
from frontdesk.people.actions import ActionError
from frontdesk.people.bulk_actions import bulk
from frontdesk.people.models import BulkJob
from tests.factories import make_agent, make_plan, make_user, make_users
from tests.factories.population import make_population
from tests.people.test_query import parse

TAGS = {"add": ["vip"], "remove": []}
State = BulkJob.State


def ids(agent: Agent) -> list[uuid.UUID]:
    return list(EndUser.objects.filter(agent=agent).order_by("id").values_list("id", flat=True))


def background(agent: Agent, monkeypatch: pytest.MonkeyPatch, text: str = "") -> BulkJob:
    """A job that waits for the worker, however few users it has."""
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    return bulk.start(SYSTEM, agent, "tags", TAGS, parse(text))


def steps_of(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setitem(bulk._HANDLERS, "tags", bulk._HANDLERS["tags"]._replace(step=size))


def refreshed(job: BulkJob) -> BulkJob:
    job.refresh_from_db()
    return job


class TestAtOnce:
    @pytest.mark.parametrize(
        ("action", "params"),
        [
            ("tags", {"add": ["vip"], "remove": ["old"]}),
            ("plan", {"plan": "pro", "until": "2999-01-01T00:00:00+00:00"}),
            ("block", {"reason": "Spam", "until": "", "note": "", "text": ""}),
            ("erase", {"may_return": False}),
        ],
    )
    def test_each_of_the_chosen_users_is_changed_and_no_one_else(
        self, agent: Agent, action: str, params: dict[str, Any]
    ) -> None:
        make_plan(agent, "pro")
        make_users(agent, 5)
        other = make_user(make_agent("Bob"), "Zoe")
        chosen, left = ids(agent)[:3], ids(agent)[3:]
        job = bulk.start(SYSTEM, agent, action, params, [*chosen, other.id])
        assert (job.state, job.total, job.changed) == (State.DONE, 4, 3)
        assert (job.ids, job.last_id) == ([], None)  # no longer names anyone
        assert [_is_done(action, id_) for id_ in chosen] == [True] * 3
        assert [_is_done(action, id_) for id_ in [*left, other.id]] == [False] * 3

    def test_a_block_ends_for_all_of_them(self, agent: Agent) -> None:
        make_users(agent, 3)
        actions.block(SYSTEM, agent, ids(agent)[:2], reason="Spam", until=None)
        job = bulk.start(SYSTEM, agent, "unblock", {}, parse("status=blocked"))
        assert (job.total, job.changed) == (2, 2)
        assert blocks.current(ids(agent)) == {}

    def test_invalid_parameters_are_reported_before_any_user_is_changed(self, agent: Agent) -> None:
        make_users(agent, 2)
        for action, params in (
            ("block", {"reason": " ", "until": "", "note": "", "text": ""}),
            ("plan", {"plan": "nobody's", "until": ""}),
            ("block", {"reason": "x", "until": "2020-01-01T00:00:00Z", "note": "", "text": ""}),
        ):
            with pytest.raises(ActionError):
                bulk.start(SYSTEM, agent, action, params, ids(agent))
        assert not BulkJob.objects.exists()

    def test_an_erasure_leaves_a_receipt_for_each(self, agent: Agent) -> None:
        make_users(agent, 3)
        bulk.start(SYSTEM, agent, "erase", {"may_return": False}, parse("q=visitor"))
        assert Erasure.objects.filter(agent=agent).count() == 3
        assert BulkJob.objects.get().query == ""  # it may hold a name


class TestInTheBackground:
    def test_many_wait_for_the_worker_and_are_done_by_it(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_users(agent, 7)
        make_user(agent, "Telegrapher")
        steps_of(monkeypatch, 2)
        job = background(agent, monkeypatch, "platform=web")
        assert (job.state, job.total) == (State.WAITING, 7)
        assert DBTaskResult.objects.get().args_kwargs["args"] == [str(job.id)]
        assert not UserTag.objects.exists()
        bulk.work(job.id)
        job = refreshed(job)
        assert (job.state, job.seen, job.changed) == (State.DONE, 7, 7)
        assert UserTag.objects.filter(name="vip").count() == 7

    def test_a_job_continues_where_its_worker_died(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_users(agent, 7)
        steps_of(monkeypatch, 2)
        job = background(agent, monkeypatch)
        met: list[uuid.UUID] = []

        def die_in_the_third(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID], *_: Any) -> int:
            if len(met) == 4:
                raise KeyboardInterrupt
            met.extend(ids)
            return len(ids)

        with monkeypatch.context() as patch:
            patch.setitem(bulk._HANDLERS, "tags", bulk._Handler(die_in_the_third, 2))
            with pytest.raises(KeyboardInterrupt):
                bulk.work(job.id)
        assert (refreshed(job).state, job.seen) == (State.RUNNING, 4)
        DBTaskResult.objects.all().delete()
        assert bulk.restart_stalled() == 1  # housekeeping enqueues the lost task
        bulk.work(job.id)
        assert (refreshed(job).state, job.seen) == (State.DONE, 7)
        assert sorted(met) == ids(agent)[:4]
        tagged = set(UserTag.objects.values_list("end_user_id", flat=True))
        assert tagged == set(ids(agent)[4:])

    def test_a_step_that_was_done_but_not_stored_changes_nothing_the_second_time(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_users(agent, 4)
        job = background(agent, monkeypatch)
        actions.change_tags(SYSTEM, agent, ids(agent)[:2], ["vip"])
        bulk.work(job.id)
        assert (refreshed(job).seen, job.changed) == (4, 2)
        assert FacetCount.objects.get(agent=agent, facet="tag").users == 4

    def test_it_can_be_stopped_and_resumed(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_users(agent, 6)
        job = background(agent, monkeypatch)
        once = bulk._HANDLERS["tags"].do

        def then_stop(*args: Any) -> int:
            changed = once(*args)
            bulk.stop(SYSTEM, job)
            return changed

        with monkeypatch.context() as patch:
            patch.setitem(bulk._HANDLERS, "tags", bulk._Handler(then_stop, 2))
            bulk.work(job.id)
        assert refreshed(job).state == State.STOPPED
        assert UserTag.objects.count() == 2
        bulk.work(job.id)  # a late task does nothing
        assert UserTag.objects.count() == 2
        bulk.resume(SYSTEM, job)
        bulk.work(job.id)
        assert refreshed(job).state == State.DONE
        assert UserTag.objects.count() == 6

    def test_one_that_fails_says_so_and_can_be_tried_again(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_users(agent, 2)
        job = background(agent, monkeypatch)

        def fail(*_: Any) -> int:
            raise RuntimeError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setitem(bulk._HANDLERS, "tags", bulk._Handler(fail, 2))
            bulk.work(job.id)
        assert refreshed(job).state == State.FAILED
        assert "went wrong" in job.problem
        bulk.resume(SYSTEM, job)
        bulk.work(job.id)
        assert (refreshed(job).state, job.problem) == (State.DONE, "")

    def test_users_who_come_after_the_request_are_not_changed(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_users(agent, 2)
        job = background(agent, monkeypatch)
        make_user(agent, "Late", time=timezone.now() + dt.timedelta(seconds=1))
        bulk.work(job.id)
        assert refreshed(job).seen == 2

    def test_days_are_counted_from_the_time_of_the_request(
        self, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        zone = zoneinfo.ZoneInfo("Pacific/Auckland")
        make_user(agent, "Ada", time=timezone.now())
        monkeypatch.setattr(bulk, "AT_ONCE", 0)
        job = bulk.start(SYSTEM, agent, "tags", TAGS, parse("last=today", zone))
        assert (job.zone, job.query) == ("Pacific/Auckland", "last=today")
        yesterday = timezone.now() - dt.timedelta(days=1)
        BulkJob.objects.update(requested_at=yesterday)
        bulk.work(job.id)
        assert refreshed(job).seen == 0  # first seen after that


def test_a_finished_job_names_no_users(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(agent, "Maya", tags=["old"])
    params = {"reason": "Maya again", "until": "", "note": "", "text": ""}
    done = bulk.start(SYSTEM, agent, "block", params, parse("q=maya"))
    assert (done.state, done.params, done.query, done.ids) == (State.DONE, {}, "", [])
    stopped = background(agent, monkeypatch, "q=maya")
    bulk.stop(SYSTEM, stopped)
    assert bulk.forget(timezone.now() - dt.timedelta(days=1)) == 0
    assert bulk.forget(timezone.now() + dt.timedelta(seconds=1)) == 2
    bulk.run.call(str(stopped.id))  # its task is still there, and has nothing to do


def test_a_filter_that_is_no_longer_valid_selects_no_one(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(agent, "Maya")
    job = background(agent, monkeypatch, "status=active")
    BulkJob.objects.update(query="status=locked")
    bulk.run.call(str(job.id))
    job.refresh_from_db()
    assert (job.state, job.seen) == (State.FAILED, 0)
    assert "locked" in job.problem


def test_tens_of_thousands_of_users_are_processed_once_each(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them with an action that does nothing; the 900 of one platform are really tagged."""
    make_population(agent, 30_000)
    met: list[uuid.UUID] = []

    def meet(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID], *_: Any) -> int:
        met.extend(ids)
        return 0

    with monkeypatch.context() as patch:
        patch.setitem(bulk._HANDLERS, "tags", bulk._Handler(meet))
        everyone = bulk.start(SYSTEM, agent, "tags", TAGS, parse(""))
        assert everyone.state == State.WAITING
        bulk.work(everyone.id)
    assert refreshed(everyone).seen == everyone.total == 30_000
    assert met == ids(agent)
    some = bulk.start(SYSTEM, agent, "tags", TAGS, parse("platform=discord"))
    bulk.work(some.id)
    assert refreshed(some).seen == some.total > 750
    tagged = UserTag.objects.filter(agent=agent, name="vip").values("end_user_id")
    left = EndUser.objects.filter(agent=agent, platform="discord").exclude(id__in=tagged)
    assert not left.exists()


def _is_done(action: str, id_: uuid.UUID) -> bool:
    user = EndUser.objects.filter(id=id_).first()
    if action == "erase":
        return user is None
    assert user
    if action == "block":
        return id_ in blocks.current([id_])
    return user.assigned_tags == ["vip"] if action == "tags" else user.assigned_plan == "pro"
