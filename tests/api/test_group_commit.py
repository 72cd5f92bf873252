"""Group commit: acknowledged events are committed, requests are independent, none hangs."""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest
from django.db import OperationalError, connection, connections

from frontdesk.agents.models import Agent
from frontdesk.api.group_commit import MAX_BATCH, GroupCommit
from frontdesk.ledger.events import Event, Outcome
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.record import record
from frontdesk.ledger.recount import check
from tests.factories import make_agent, make_event
from tests.waiting import PATIENCE, eventually

T = TypeVar("T")
RECORDED = Outcome("recorded")
ADA = Agent(id=uuid.uuid4(), name="Ada")


class Recorder:
    """Stands in for record(): holds the first batch until released, and remembers every batch."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.fail: Callable[[Sequence[Event]], None] = lambda events: None

    def __call__(self, agent: Agent, events: Sequence[Event]) -> list[Outcome]:
        self.batches.append([event.text for event in events])
        self.started.set()
        assert self.go_on.wait(10)
        self.fail(events)
        return [Outcome("recorded", event.text) for event in events]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as pool:
        yield pool


def events(*texts: str) -> list[Event]:
    return [make_event(text=text) for text in texts]


def queue_behind_the_first(
    group: GroupCommit, recorder: Recorder, pool: ThreadPoolExecutor, *requests: list[Event]
) -> list[Callable[[], list[Outcome]]]:
    """Let the first request record while the others wait for it in this order."""
    futures = []
    for place, request in enumerate(requests):
        futures.append(pool.submit(group, ADA, request))
        if place == 0:
            assert recorder.started.wait(10)
        else:
            eventually(lambda: len(group._queues[ADA.id]) == len(futures) - 1)
    return [partial(future.result, 10) for future in futures]


def test_a_request_alone_is_recorded_at_once(recorder: Recorder) -> None:
    recorder.go_on.set()

    assert GroupCommit(recorder)(ADA, events("a")) == [Outcome("recorded", "a")]
    assert recorder.batches == [["a"]]


def test_waiting_requests_are_recorded_together_and_each_gets_its_own_outcomes(
    recorder: Recorder, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(recorder)
    answers = queue_behind_the_first(
        group, recorder, pool, events("a"), events("b", "c"), events("d"), events("e")
    )

    recorder.go_on.set()

    assert [[o.reason for o in answer()] for answer in answers] == [["a"], ["b", "c"], ["d"], ["e"]]
    assert recorder.batches == [["a"], ["b", "c", "d", "e"]]
    assert group._queues == {}


def test_a_batch_is_bounded_and_the_rest_comes_next(
    recorder: Recorder, pool: ThreadPoolExecutor
) -> None:
    large = events(*["x"] * (MAX_BATCH - 1))
    answers = queue_behind_the_first(
        GroupCommit(recorder), recorder, pool, events("a"), events("b"), large, large, events("c")
    )

    recorder.go_on.set()

    assert [len(answer()) for answer in answers] == [1, 1, len(large), len(large), 1]
    assert [len(batch) for batch in recorder.batches] == [1, MAX_BATCH, MAX_BATCH]


def test_agents_do_not_wait_for_each_other(recorder: Recorder, pool: ThreadPoolExecutor) -> None:
    other = Agent(id=uuid.uuid4(), name="Other")
    group = GroupCommit(recorder)
    first = pool.submit(group, ADA, events("a"))
    second = pool.submit(group, other, events("b"))

    eventually(lambda: len(recorder.batches) == 2)  # both are recording, neither is done
    recorder.go_on.set()

    assert len(first.result(10)) == len(second.result(10)) == 1


def test_a_database_error_reaches_every_request_and_none_hangs(
    recorder: Recorder, pool: ThreadPoolExecutor
) -> None:
    def fail(batch: Sequence[Event]) -> None:
        if batch[0].text != "a":
            raise OperationalError("gone")

    recorder.fail = fail
    group = GroupCommit(recorder)
    first, *others = queue_behind_the_first(
        group, recorder, pool, events("a"), events("b"), events("c")
    )

    recorder.go_on.set()

    assert len(first()) == 1
    for answer in others:
        with pytest.raises(OperationalError):
            answer()
    assert recorder.batches == [["a"], ["b", "c"]]  # not retried one by one
    recorder.fail = lambda batch: None
    assert len(group(ADA, events("d"))) == 1


def test_a_request_that_cannot_be_recorded_fails_alone(
    recorder: Recorder, pool: ThreadPoolExecutor
) -> None:
    def fail(batch: Sequence[Event]) -> None:
        if any(event.text == "poison" for event in batch):
            raise ValueError("poison")

    recorder.fail = fail
    _, before, poisonous, after = queue_behind_the_first(
        GroupCommit(recorder),
        recorder,
        pool,
        events("a"),
        events("b"),
        events("poison"),
        events("c"),
    )

    recorder.go_on.set()

    assert (len(before()), len(after())) == (1, 1)
    with pytest.raises(ValueError, match="poison"):
        poisonous()


def test_when_the_leading_thread_is_ended_the_others_get_an_error(
    recorder: Recorder, pool: ThreadPoolExecutor
) -> None:
    class Ended(BaseException):
        pass

    def fail(batch: Sequence[Event]) -> None:
        if batch[0].text == "b":
            raise Ended

    recorder.fail = fail
    group = GroupCommit(recorder)
    _, leader, follower = queue_behind_the_first(
        group, recorder, pool, events("a"), events("b"), events("c")
    )

    recorder.go_on.set()

    with pytest.raises(Ended):
        leader()
    with pytest.raises(Exception, match="was ended"):
        follower()
    assert group._queues == {}


@pytest.mark.django_db(transaction=True)
class TestOnTheDatabase:
    @pytest.fixture
    def agent(self, transactional_db: None) -> Agent:
        return make_agent()

    def test_what_is_acknowledged_is_in_the_database_and_the_totals_are_right(
        self, agent: Agent
    ) -> None:
        group, threads, requests = GroupCommit(record), 24, 12
        lost: list[str] = []

        def report(thread: int) -> int:
            acknowledged = 0
            for number in range(requests):
                batch = [
                    make_event(number, external_id=str(thread % 5), text=f"{thread}/{number}/{i}")
                    for i in range(1 + number % 3)
                ]
                outcomes = group(agent, batch)
                assert outcomes == [RECORDED] * len(batch)
                acknowledged += len(batch)
                texts = [event.text for event in batch]
                # By this thread's own connection: it sees only what is committed.
                if Message.objects.filter(text__in=texts).count() != len(batch):
                    lost.extend(texts)
            return acknowledged

        acknowledged = sum(in_threads(threads, report))

        assert lost == []
        assert Message.objects.count() == acknowledged == threads * (12 + 12)
        totals = EndUser.objects.filter(agent=agent).values_list("total_messages_sent", flat=True)
        assert sum(totals) == acknowledged
        assert check(agent) == []

    def test_the_same_event_from_many_at_once_is_recorded_once(self, agent: Agent) -> None:
        group, event = GroupCommit(record), make_event()

        statuses = in_threads(16, lambda _: group(agent, [event])[0].status)

        assert sorted(statuses) == ["duplicate"] * 15 + ["recorded"]
        assert EndUser.objects.get(agent=agent).total_messages_sent == 1

    def test_a_deleted_agent_is_an_error_for_every_request(self, agent: Agent) -> None:
        group = GroupCommit(record)
        Agent.objects.all().delete()

        def report(_: int) -> str:
            with pytest.raises(Agent.DoesNotExist):
                group(agent, [make_event()])
            return "raised"

        assert in_threads(8, report) == ["raised"] * 8

    @pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no connection pool")
    def test_waiting_requests_hold_no_connection(self, agent: Agent) -> None:
        """More threads than the pool has connections: all of them look up a key, then wait."""
        group = GroupCommit(record)
        limit = connection.settings_dict["OPTIONS"]["pool"]["max_size"]

        def report(_: int) -> int:
            Agent.objects.get(id=agent.id)
            return len(group(agent, [make_event()]))

        assert sum(in_threads(limit * 2, report)) == limit * 2


def in_threads(count: int, work: Callable[[int], T]) -> list[T]:
    """Run at once in as many threads, each with connections of its own that it closes."""
    ready = threading.Barrier(count)

    def run(number: int) -> T:
        try:
            ready.wait(PATIENCE)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(run, n) for n in range(count)]]
