"""The demo's invented people, without the command."""

import datetime as dt
import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from django.utils import timezone

from frontdesk.demo.history import DAYS, history
from frontdesk.demo.live import next_exchange
from frontdesk.demo.make import SCRIPTS, crowd
from frontdesk.demo.people import namesakes
from frontdesk.demo.script import Script
from frontdesk.ledger.events import Event, check

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def events_of(name: str) -> list[Event]:
    return history(random.Random(1), Script(name), crowd(name), NOW)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_same_history_each_time(name: str) -> None:
    assert events_of(name) == events_of(name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_event_can_be_recorded(name: str) -> None:
    events = events_of(name)
    for event in events:
        check(event, NOW)
        assert NOW - dt.timedelta(days=DAYS + 1) < event.time < NOW
    ids = Counter((event.platform, event.external_id, event.message_id) for event in events)
    assert max(ids.values()) == 1


def test_people_have_names_in_many_scripts_and_some_have_none() -> None:
    people = [person for name in SCRIPTS for person in crowd(name)]
    assert len(people) == 1_500
    names = {str(person.profile.get("name", "")) for person in people}
    for signs in ("é", "ё", "ح", "王", "न", "さ", "🦊", ""):
        assert any(signs in name if signs else not name for name in names)
    assert {person.platform for person in people} == {"web", "telegram"}


def test_live_traffic_is_current_and_may_bring_new_people() -> None:
    rng, script, people = random.Random(3), Script("mira"), crowd("mira")
    known = len(people)
    for _ in range(50):
        for event in next_exchange(rng, script, people):
            check(event, timezone.now())
    assert len(people) > known


def test_some_answers_fail_and_each_has_its_latency() -> None:
    answers = [event for event in events_of("mira") if event.role == "agent"]
    failed = [event for event in answers if event.failed]
    assert 0 < len(failed) < len(answers) / 20
    assert all(event.error and not event.text for event in failed)
    assert all(event.latency_ms for event in answers)


@pytest.mark.parametrize("name", SCRIPTS)
def test_some_people_use_telegram_and_the_web(name: str) -> None:
    pairs = namesakes(crowd(name))
    assert len(pairs) == 2
    for one, other in pairs:
        assert (one.platform, other.platform) == ("telegram", "web")
        assert one.profile["name"] == other.profile["name"]


def test_some_people_have_short_sessions_and_some_long_ones() -> None:
    asked: dict[str, list[dt.datetime]] = defaultdict(list)
    for event in events_of("mira"):
        if event.role == "user":
            asked[event.external_id].append(event.time)
    sessions = {
        who: 1 + sum(later - time > dt.timedelta(minutes=30) for time, later in pairwise(times))
        for who, times in asked.items()
    }
    terse = [who for who, count in sessions.items() if len(asked[who]) <= 2 * count >= 10]
    thorough = [who for who, count in sessions.items() if count <= 3 and len(asked[who]) >= 30]
    assert terse  # the view “Hard to help” is for them
    assert thorough  # “Power users” is for them


@pytest.mark.parametrize("name", SCRIPTS)
def test_charts_have_something_to_show(name: str) -> None:
    answers = [event for event in events_of(name) if event.role == "agent"]
    models: dict[bool, set[str]] = {True: set(), False: set()}
    failures: Counter[int] = Counter()
    for event in answers:
        days_ago = (NOW - event.time).days
        models[days_ago > 60].add(event.model or "")
        failures[days_ago] += event.failed or False
    assert models[True] != models[False]  # different models answered then
    bad_day, *_, usual = sorted(failures.values(), reverse=True)[:4]
    assert bad_day > 3 * usual
