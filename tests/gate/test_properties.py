"""Whatever the limits and the times of messages, the gate admits what a plain count admits."""

import datetime as dt
import random
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.limits import LIMITS, LimitKind
from frontdesk.agents.models import Agent
from frontdesk.agents.quantities import CHARACTERS, COST, SESSIONS
from frontdesk.gate.admission import admit, check
from frontdesk.ledger.events import Event
from frontdesk.ledger.record import record
from tests.factories import make_event, make_linked_users
from tests.oracle import recount

TIMEOUT = dt.timedelta(minutes=30)
TIMES = [
    ("UTC", dt.datetime(2026, 2, 28, 23, tzinfo=dt.UTC)),
    ("America/New_York", dt.datetime(2026, 11, 1, 3, tzinfo=dt.UTC)),  # a day of 25 hours begins
    ("Asia/Kathmandu", dt.datetime(2026, 5, 31, 18, tzinfo=dt.UTC)),  # 15 minutes before June
]
MESSAGES = ("messages_per_minute", "messages_per_day", "messages_per_month", "sessions_per_day")
COSTS = ("cost_per_day", "cost_per_month")
USER = ("telegram", "1001")


class Attempt(NamedTuple):
    """A message that someone tries to send, and how the gate is called for it.

    The agent's messages are only reported.
    """

    seconds: int
    role: str
    chat: str
    new_session: bool
    session_id: str | None
    cost: int
    way: str

    def event(self, start: dt.datetime) -> Event:
        return make_event(
            time=start + dt.timedelta(seconds=self.seconds),
            role=self.role,
            chat=self.chat if self.session_id is None else "",
            new_session=self.new_session and self.session_id is None,
            session_id=self.session_id,
            cost=self.cost if self.role == "agent" else None,
            text="Hello",
        )


roles = st.sampled_from(["user", "user", "agent"])
attempts = st.builds(
    Attempt,
    st.sampled_from([0, 20, 59, 60, 600, 1800, 1801, 3600, 7200, 90_000, 100_000]),
    roles,
    st.sampled_from(["", "", "group"]),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([None, None, None, "s1", "s2"]),
    st.integers(0, 3),
    st.sampled_from(["admit", "check", "reserve"]),
)
limits = st.fixed_dictionaries(
    {},
    optional={key: st.one_of(st.none(), st.integers(0, 4)) for key in MESSAGES + COSTS}
    | {"longest_message": st.sampled_from([4, 5, None])},
)


class Oracle:
    """A second, plain implementation of the limits, for the messages from and to one user.

    It predicts limits on sessions only for messages that come in order.
    """

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.limits = {key: value for key, value in agent.limits.items() if value is not None}
        self.said: list[Event] = []

    def hear(self, event: Event) -> bool:
        """Apply a message and return whether it is admitted; only the user's can be refused."""
        if event.role == "user" and not all(self._fits(event, *limit) for limit in self._limits()):
            return False
        self.said.append(event)
        return True

    def _limits(self) -> Iterable[tuple[LimitKind, int]]:
        return ((LIMITS[key], most) for key, most in self.limits.items())

    def _fits(self, event: Event, kind: LimitKind, most: int) -> bool:
        if kind.quantity is CHARACTERS:
            return len(event.text) <= most
        if kind.quantity is SESSIONS:
            sessions = [each for each in self._sessions() if each["messages_sent"]]
            today = [each for each in sessions if self._same(kind, event, each["first_at"])]
            return len(today) < most or not self._starts_session(event)
        same = [said for said in self.said if self._same(kind, event, said.time)]
        if kind.quantity is COST:
            return sum(said.cost or 0 for said in same) < most
        return sum(said.role == "user" for said in same) < most

    def _starts_session(self, event: Event) -> bool:
        """Whether it would be the user's first message in its session."""
        sessions = [each for each in self._sessions() if each["messages_sent"]]
        if event.session_id is not None:
            return all(each["external_id"] != event.session_id for each in sessions)
        return not any(
            event.time - each["last_at"] <= TIMEOUT
            # A message at the exact time of a new session belongs to it too.
            and (not event.new_session or event.time == each["first_at"])
            for each in sessions
            if not each["external_id"] and each["chat"] == event.chat
        )

    def _sessions(self) -> list[dict[str, Any]]:
        return recount(self.agent, self.said).sessions.get(USER, [])

    def _same(self, kind: LimitKind, event: Event, other: dt.datetime) -> bool:
        """Whether both moments are in the same minute, day or month."""
        form = {"minute": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}[kind.window]
        one, two = (time.astimezone(self.agent.zone) for time in (event.time, other))
        return one.strftime(form) == two.strftime(form)


def let_in(agent: Agent, event: Event, way: str) -> bool:
    """Send a message, by `admit` or by `check` and a report; returns whether it was admitted."""
    if event.role == "user":
        if way == "admit":
            return admit(agent, event).admitted
        if not check(agent, event, reserve=way == "reserve").admitted:
            return False
    (outcome,) = record(agent, [event])
    assert outcome.status == "recorded"
    return True


@given(st.sampled_from(TIMES), limits, st.lists(attempts, min_size=1, max_size=14))
def test_the_gate_admits_what_a_plain_count_admits(
    db: None,
    place: tuple[str, dt.datetime],
    limits: dict[str, int | None],
    tried: list[Attempt],
) -> None:
    zone, start = place
    agent = Agent.objects.create(name="Ada", time_zone=zone, limits=limits)
    oracle = Oracle(agent)
    for attempt in sorted(tried, key=lambda attempt: attempt.seconds):
        event = attempt.event(start)
        assert let_in(agent, event, attempt.way) == oracle.hear(event)


@given(
    st.integers(0, 3),
    st.integers(0, 3),
    st.lists(st.tuples(st.integers(0, 200), roles), max_size=12),
)
def test_never_more_than_the_limit_in_any_order(
    db: None, a_minute: int, a_day: int, messages: list[tuple[int, str]]
) -> None:
    limits: dict[str, int | None] = {"messages_per_minute": a_minute, "messages_per_day": a_day}
    agent = Agent.objects.create(name="Ada", limits=limits)
    start = dt.datetime(2026, 10, 14, 22, tzinfo=dt.UTC)
    oracle = Oracle(agent)
    for minute, role in messages:
        event = make_event(time=start + dt.timedelta(minutes=minute), role=role)
        assert let_in(agent, event, "admit") == oracle.hear(event)


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_linked_identities_count_as_one(db: None, seed: int, most: int) -> None:
    rng = random.Random(seed)
    agent = Agent.objects.create(name="Ada")
    make_linked_users(agent)
    agent.limits = {"messages_per_day": 2 + most}
    agent.save()
    admitted = 0
    for minute in range(10):
        identity = {"platform": rng.choice(["telegram", "web"]), "external_id": "ada"}
        if rng.random() < 0.5:
            record(agent, [make_event(minute, role="agent", **identity)])
        way = rng.choice(["admit", "check", "reserve"])
        admitted += let_in(agent, make_event(minute, **identity), way)
    assert admitted == most


def test_a_reservation_counts_like_a_message(agent: Agent) -> None:
    agent.limits = {"messages_per_day": 3}
    agent.save()
    events = [make_event(time=timezone.now()) for _ in range(6)]
    kept = [check(agent, event, reserve=True).admitted for event in events]
    assert kept == [True] * 3 + [False] * 3
    assert [admit(agent, event).admitted for event in events] == kept
