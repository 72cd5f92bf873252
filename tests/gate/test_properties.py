"""Whatever the limits and whenever messages come: the gate admits what a plain count admits."""

import datetime as dt
import random
import zoneinfo
from typing import Any, NamedTuple

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.limits import LIMITS
from frontdesk.agents.models import Agent
from frontdesk.gate.admission import admit, check
from frontdesk.ledger.events import Event
from frontdesk.ledger.record import record
from tests.factories import make_agent, make_event, make_linked_users

TIMEOUT = dt.timedelta(minutes=30)
TIMES = [
    ("UTC", dt.datetime(2026, 2, 28, 23, tzinfo=dt.UTC)),
    ("America/New_York", dt.datetime(2026, 11, 1, 3, tzinfo=dt.UTC)),  # a day of 25 hours begins
    ("Asia/Kathmandu", dt.datetime(2026, 5, 31, 18, tzinfo=dt.UTC)),  # 15 minutes before June
]
COUNTED = ("messages_per_minute", "messages_per_day", "messages_per_month", "sessions_per_day")


class Attempt(NamedTuple):
    """A message that somebody tries to send, and how its agent asks for it."""

    seconds: int
    chat: str
    new_session: bool
    session_id: str | None
    way: str

    def event(self, start: dt.datetime) -> Event:
        return make_event(
            time=start + dt.timedelta(seconds=self.seconds),
            chat=self.chat if self.session_id is None else "",
            new_session=self.new_session and self.session_id is None,
            session_id=self.session_id,
            text="Hello",
        )


attempts = st.builds(
    Attempt,
    st.sampled_from([0, 20, 59, 60, 600, 1800, 1801, 3600, 7200, 90_000, 100_000]),
    st.sampled_from(["", "", "group"]),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([None, None, None, "s1", "s2"]),
    st.sampled_from(["admit", "check", "reserve"]),
)
limits = st.fixed_dictionaries(
    {},
    optional={key: st.one_of(st.none(), st.integers(0, 4)) for key in COUNTED}
    | {"longest_message": st.sampled_from([4, 5, None])},
)


class Oracle:
    """The limits once more, in a few plain lines, for one user whose messages come in order."""

    def __init__(self, zone: str, limits: dict[str, int | None]) -> None:
        self.zone = zoneinfo.ZoneInfo(zone)
        self.limits = {key: value for key, value in limits.items() if value is not None}
        self.admitted: list[tuple[dt.datetime, bool]] = []
        self.in_chat: dict[str, tuple[dt.datetime, dt.datetime]] = {}
        self.sessions: set[str] = set()

    def admits(self, event: Event) -> bool:
        starts = self._starts_session(event)
        for key, most in self.limits.items():
            kind = LIMITS[key]
            if kind.key == "longest_message":
                fits = len(event.text) <= most
            elif kind.key == "sessions_per_day":
                fits = not starts or self._count(event, "day", sessions=True) < most
            else:
                fits = self._count(event, kind.window) < most
            if not fits:
                return False
        self.admitted.append((event.time, starts))
        if event.session_id is None:
            start = event.time if starts else self.in_chat[event.chat][0]
            self.in_chat[event.chat] = (start, event.time)
        else:
            self.sessions.add(event.session_id)
        return True

    def _starts_session(self, event: Event) -> bool:
        if event.session_id is not None:
            return event.session_id not in self.sessions
        start, last = self.in_chat.get(event.chat, (None, None))
        if event.new_session:  # what was said at its very moment belongs to the new session too
            return event.time != start
        return last is None or event.time - last > TIMEOUT

    def _count(self, event: Event, window: str, *, sessions: bool = False) -> int:
        same = self._window(event.time, window)
        return sum(
            self._window(time, window) == same and (starts or not sessions)
            for time, starts in self.admitted
        )

    def _window(self, time: dt.datetime, window: str) -> str:
        form = {"minute": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}[window]
        return time.astimezone(self.zone).strftime(form)


def let_in(agent: Agent, event: Event, way: str) -> bool:
    """Ask for a message, by `admit` or by `check` and a report; say whether it came in."""
    if way == "admit":
        return admit(agent, event).admitted
    is_admitted = check(agent, event, reserve=way == "reserve").admitted
    if is_admitted:
        (outcome,) = record(agent, [event])
        assert outcome.status == "recorded"
    return is_admitted


@given(st.sampled_from(TIMES), limits, st.lists(attempts, min_size=1, max_size=14))
def test_the_gate_admits_what_a_plain_count_admits(
    db: None,
    place: tuple[str, dt.datetime],
    limits: dict[str, int | None],
    tried: list[Attempt],
) -> None:
    zone, start = place
    agent = make_agent(time_zone=zone, limits=limits)
    oracle = Oracle(zone, limits)
    for attempt in sorted(tried, key=lambda attempt: attempt.seconds):
        event = attempt.event(start)
        assert let_in(agent, event, attempt.way) == oracle.admits(event)


@given(st.integers(0, 3), st.integers(0, 3), st.lists(st.integers(0, 200), max_size=12))
def test_never_more_than_the_limit_in_any_order(
    db: None, a_minute: int, a_day: int, minutes: list[int]
) -> None:
    limits: dict[str, int | None] = {"messages_per_minute": a_minute, "messages_per_day": a_day}
    agent = make_agent(limits=limits)
    start = dt.datetime(2026, 10, 14, 22, tzinfo=dt.UTC)
    oracle = Oracle("UTC", limits)
    for minute in minutes:
        event = make_event(time=start + dt.timedelta(minutes=minute))
        assert admit(agent, event).admitted == oracle.admits(event)


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_linked_identities_count_as_one(db: None, seed: int, most: int) -> None:
    rng = random.Random(seed)
    agent = make_agent()
    make_linked_users(agent)
    agent.limits = {"messages_per_day": 2 + most}
    agent.save()
    admitted = 0
    for minute in range(10):
        way: Any = rng.choice(["admit", "check", "reserve"])
        platform = rng.choice(["telegram", "web"])
        event = make_event(minute, platform=platform, external_id="ada")
        admitted += let_in(agent, event, way)
    assert admitted == most


def test_a_place_kept_counts_like_a_message(agent: Agent) -> None:
    agent.limits = {"messages_per_day": 3}
    agent.save()
    events = [make_event(time=timezone.now()) for _ in range(6)]
    kept = [check(agent, event, reserve=True).admitted for event in events]
    assert kept == [True] * 3 + [False] * 3
    assert [admit(agent, event).admitted for event in events] == kept
