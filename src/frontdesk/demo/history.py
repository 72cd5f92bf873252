"""Ninety days of messages: how often people visit, at what hours, and how fast they write."""

import datetime as dt
import itertools
import random
import zoneinfo
from collections.abc import Iterator

from frontdesk.demo.people import Person
from frontdesk.demo.script import Line, Script
from frontdesk.ledger.events import Event

DAYS = 90
MAX_VISITS = 70
MAX_A_DAY = 2.5
"""Visits of one person, on average over their stay."""
MANNERS = {"usual": 90, "terse": 6, "thorough": 4}
"""How people talk, with their percentages: terse people ask one thing each time and leave, thorough
people rarely visit and then ask everything they want to know."""
_JUST_NOW = dt.timedelta(minutes=3)


def history(
    rng: random.Random, script: Script, people: list[Person], until: dt.datetime
) -> list[Event]:
    """All messages of these people in the DAYS before `until`, oldest first."""
    visits = Visits(rng, script, until)
    events: list[Event] = []
    for person in people:
        numbers = itertools.count(1)
        manner = rng.choices(list(MANNERS), list(MANNERS.values()))[0]
        starts = visits.of_one_person()
        for start in starts[-3:] if manner == "thorough" else starts:
            lines = _session_lines(rng, script, person.language, manner)
            days_ago = (until - start).days
            events += messages(rng, script, person, lines, start, numbers, days_ago)
    return sorted((event for event in events if event.time < until), key=lambda event: event.time)


def _session_lines(rng: random.Random, script: Script, language: str, manner: str) -> list[Line]:
    """The messages of one session."""
    if manner == "terse":
        return script.dialogue(rng, language)[:3]
    dialogues = (script.dialogue(rng, language) for _ in range(6 if manner == "thorough" else 1))
    return list(itertools.chain.from_iterable(dialogues))


class Visits:
    """Draws the times of visits."""

    def __init__(self, rng: random.Random, script: Script, until: dt.datetime) -> None:
        self._rng = rng
        self._until = until
        self._hours: list[int] = script.crowd["hours"]
        self._weekend: float = script.crowd["weekend"]
        self._zone = zoneinfo.ZoneInfo(script.agent["time_zone"])

    def of_one_person(self) -> list[dt.datetime]:
        """Session starts: one for most people, dozens for a few, closer together for those."""
        first = DAYS * self._rng.random() ** 1.3  # days ago; more people came recently
        stay = first * self._rng.random() ** 0.5  # for how many days they keep visiting
        count = min(int(self._rng.paretovariate(1.05)), MAX_VISITS, 1 + int(MAX_A_DAY * stay))
        ages = [first, *(first - stay * self._rng.random() for _ in range(count - 1))]
        latest = self._until - _JUST_NOW
        # Visits in the future are left out, but everyone has at least one visit.
        times = [time for age in ages if (time := self._at_an_hour(age)) < latest]
        return sorted(times) or [latest - dt.timedelta(hours=20 * self._rng.random())]

    def _at_an_hour(self, age: float) -> dt.datetime:
        """A time about `age` days ago at which this agent's people are awake."""
        day = (self._until - dt.timedelta(days=age)).astimezone(self._zone).date()
        if day.weekday() >= 5 and self._rng.random() > self._weekend:
            day += dt.timedelta(days=7 - day.weekday() + self._rng.randrange(5))
        hour = self._rng.choices(range(24), self._hours)[0]
        second = self._rng.randrange(3600)
        local = dt.datetime.combine(day, dt.time(hour, second // 60, second % 60), self._zone)
        return local.astimezone(dt.UTC)


def messages(
    rng: random.Random,
    script: Script,
    person: Person,
    lines: list[Line],
    start: dt.datetime,
    numbers: Iterator[int],
    days_ago: int = 0,
) -> Iterator[Event]:
    """The events of one session, with pauses for people to read and for models to answer."""
    now, pause = start, 0.0
    for line in lines:
        event = Event(
            platform=person.platform,
            external_id=person.external_id,
            role=line.role,
            text=line.text,
            time=now,
            message_id=str(next(numbers)),
        )
        if line.role == "user":
            for field, value in person.profile.items():
                setattr(event, field, value)
        elif line.role == "agent":
            _add_usage(rng, script, event, pause, days_ago)
        yield event
        pause = rng.uniform(1.5, 9) if line.role != "agent" else rng.lognormvariate(3.6, 0.8)
        now += dt.timedelta(seconds=min(pause, 1200))


def _add_usage(
    rng: random.Random, script: Script, event: Event, seconds: float, days_ago: int
) -> None:
    """Add the usage of the answer, or why it failed."""
    event.latency_ms = round(seconds * 1000)
    if error := script.error(rng, days_ago):
        event.error, event.failed, event.text = error, True, ""
        return
    event.model = script.model(rng, days_ago)
    event.input_tokens = rng.randint(1200, 10_400)
    event.cached_tokens = event.input_tokens // 2 if rng.random() < 0.4 else 0
    event.output_tokens = len(event.text) // 3 + rng.randint(20, 160)
