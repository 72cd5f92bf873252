"""Several writers at once, on connections of their own."""

import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import given, settings

from frontdesk.agents.models import Agent
from frontdesk.ledger import recount
from frontdesk.ledger.events import Event
from frontdesk.ledger.record import record
from tests import oracle
from tests.factories import make_agent, make_event
from tests.ledger.histories import History, copies, histories

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], None]) -> None:
    """Run the jobs in threads that start together; raises the error of any of them."""
    barrier = threading.Barrier(len(jobs))
    errors: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            barrier.wait()
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def make_events(rng: random.Random, count: int) -> list[Event]:
    """Events of few users on few days, so that writers meet in every table."""
    return [
        make_event(
            rng.randrange(60) * 10 + rng.randrange(4) * 24 * 60,
            message_id=f"m{number}",
            platform=rng.choice(["telegram", "web"]),
            external_id=str(rng.randrange(6)),
            role=rng.choice(["user", "user", "agent", "tool"]),
            session_id=rng.choice([None, None, None, "s1"]),
            cost=rng.choice([None, rng.randrange(100)]),
            language=rng.choice([None, "en", "de"]),
            name=rng.choice([None, "Ada", "Bert"]),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_writers_of_the_same_users_each_event_sent_by_all(agent: Agent, seed: int) -> None:
    rng = random.Random(seed)
    events = make_events(rng, 400)
    answers: list[str] = []

    def writer(order: list[Event]) -> Callable[[], None]:
        batches = [order[start : start + 20] for start in range(0, len(order), 20)]

        def write() -> None:
            for batch in batches:
                answers.extend(outcome.status for outcome in record(agent, copies(batch)))

        return write

    at_once(*(writer(rng.sample(events, len(events))) for _ in range(3)))
    assert Counter(answers) == {"recorded": len(events), "duplicate": 2 * len(events)}
    assert oracle.read(agent) == oracle.recount(agent, events)
    assert recount.check(agent) == []


@settings(max_examples=10)
@given(histories())
def test_two_writers_of_any_history(db: None, history: History) -> None:
    agent = make_agent(time_zone=history.zone, session_timeout=history.timeout)

    def write(batches: list[list[Event]]) -> None:
        for batch in batches:
            record(agent, copies(batch))

    at_once(lambda: write(history.batches[::2]), lambda: write(history.batches[1::2]))
    assert oracle.read(agent) == oracle.recount(agent, history.events)


def test_a_recount_during_recording(agent: Agent) -> None:
    events = make_events(random.Random(7), 400)
    record(agent, copies(events[:100]))
    done = threading.Event()
    recounts = 0

    def write() -> None:
        try:
            for start in range(100, len(events), 10):
                record(agent, copies(events[start : start + 10]))
        finally:
            done.set()

    def recount_all_the_time() -> None:
        nonlocal recounts
        while not done.is_set():
            recount.recount(agent)
            recounts += 1

    at_once(write, recount_all_the_time)
    assert recounts
    assert oracle.read(agent) == oracle.recount(agent, events)
    assert recount.check(agent) == []


@pytest.mark.parametrize("seed", range(4))
def test_two_recounts_at_once(agent: Agent, seed: int) -> None:
    events = make_events(random.Random(seed), 200)
    record(agent, copies(events))
    with connection.cursor() as cursor:
        for table in "agentday returngap cohort facetcount".split():
            cursor.execute(f"DELETE FROM ledger_{table}")  # noqa: S608
    at_once(lambda: recount.recount(agent), lambda: recount.recount(agent))
    assert oracle.read(agent) == oracle.recount(agent, events)
