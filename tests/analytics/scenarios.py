"""Two months of a few users for property tests: the events as they may arrive, and a query."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import urlencode

import msgspec
from django.http import QueryDict
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.gate.admission import admit
from frontdesk.ledger.erase import anonymize, erase
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.record import record
from tests.analytics.recount import Recount, Refused
from tests.factories import make_agent, make_event
from tests.ledger.histories import copies
from tests.oracle import User

LENGTH = 60
"""Days."""
ZONES_AND_STARTS = [
    ("UTC", dt.date(2025, 8, 1)),
    ("Europe/Berlin", dt.date(2025, 3, 1)),  # the 30th has 23 hours
    ("Europe/Berlin", dt.date(2025, 10, 1)),  # the 26th has 25 hours
    ("America/Sao_Paulo", dt.date(2018, 10, 10)),  # 4 November 2018 began at 1:00
    ("America/Sao_Paulo", dt.date(2019, 1, 5)),  # 16 February 2019 had 23:00 twice
    ("Asia/Kathmandu", dt.date(2025, 2, 1)),  # +05:45
    ("Pacific/Apia", dt.date(2011, 12, 1)),  # had no 30 December 2011
    ("Pacific/Kiritimati", dt.date(2024, 1, 20)),  # +14:00, over a leap day
]
USERS: list[User] = [("web", "1"), ("web", "2"), ("web", "3"), ("telegram", "1"), ("api", "1")]
MODELS = ["gpt-4o", "a-model-nobody-prices", "claude"]

_USAGE: list[dict[str, Any]] = [
    {},
    {},
    {"cost": 1234},
    {"cost": 0},
    {"model": "gpt-4o", "input_tokens": 1000, "output_tokens": 200},
    {"model": "a-model-nobody-prices", "input_tokens": 5},
    {"model": "claude", "cost": 70_000_001},
    {"input_tokens": 5},
    {"failed": True},
    {"error": "the model timed out", "cost": 3},
]
_MINUTES = [0, 1, 29, 30, 59, 90, 119, 120, 150, 180, 720, 1380, 1410, 1439]
"""Times of day: around midnight and clock changes, and a session timeout apart."""


class Scenario(NamedTuple):
    zone: str
    batches: list[list[Event]]
    refused: list[tuple[User, dt.date]]
    """Messages that the gate refused, and when."""
    erased: list[User]
    anonymized: list[User]
    today: dt.date
    asked: dict[str, str]
    """The query string."""

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    def query(self) -> AnalyticsQuery:
        query, problems = AnalyticsQuery.parse(QueryDict(urlencode(self.asked)), self.today)
        assert problems == []
        return query

    def happen(self) -> tuple[Agent, Recount]:
        """Apply the scenario to a new agent."""
        agent = make_agent(time_zone=self.zone)
        for batch in self.batches:
            outcomes = record(agent, copies(batch))
            assert "rejected" not in {outcome.status for outcome in outcomes}
        refused = [_refuse(agent, user, day) for user, day in self.refused]
        known = {(event.platform, event.external_id) for event in self.events}
        for user in known.intersection(self.erased):
            erase(agent, user_id(agent.id, *user), by="olivia", may_return=False)
        for user in known.intersection(self.anonymized).difference(self.erased):
            id_ = user_id(agent.id, *user)
            anonymize(agent, id_, by="olivia", may_return=False, keep_texts=False)
        return agent, Recount.of(agent, self.events, refused, set(self.erased))


@st.composite
def scenarios(draw: st.DrawFn, *, erasing: bool = False) -> Scenario:
    """Two months of messages, late, repeated and edited, in batches; refusals; a query."""
    zone, start = draw(st.sampled_from(ZONES_AND_STARTS))
    said = [draw(_said(zone, start, number)) for number in range(draw(st.integers(1, 16)))]
    edits = [
        msgspec.structs.replace(event, text="edited", edited_at=event.time + dt.timedelta(hours=1))
        for event in draw(st.lists(st.sampled_from(said), max_size=3))
    ]
    again = draw(st.lists(st.sampled_from(said), max_size=3))
    arriving = draw(st.permutations([*said, *edits, *again]))
    days = st.integers(0, LENGTH - 1).map(lambda number: start + dt.timedelta(days=number))
    return Scenario(
        zone=zone,
        batches=draw(_cut(arriving)),
        refused=draw(st.lists(st.tuples(st.sampled_from(USERS), days), max_size=4)),
        erased=draw(st.lists(st.sampled_from(USERS), max_size=2)) if erasing else [],
        anonymized=draw(st.lists(st.sampled_from(USERS), max_size=1)),
        today=start + dt.timedelta(days=draw(st.integers(LENGTH, LENGTH + 10))),
        asked=draw(_asked(start)),
    )


@st.composite
def _said(draw: st.DrawFn, zone: str, start: dt.date, number: int) -> Event:
    platform, external_id = draw(st.sampled_from(USERS))
    # Weeks apart or side by side: users who come back, stay away, and come back again.
    day = draw(st.one_of(st.integers(0, LENGTH - 1), st.sampled_from([0, 7, 14, 28, 35])))
    local = dt.datetime.combine(
        start + dt.timedelta(days=day), dt.time.min, zoneinfo.ZoneInfo(zone)
    ).astimezone(dt.UTC)
    return make_event(
        platform=platform,
        external_id=external_id,
        message_id=f"m{number}",
        role=draw(st.sampled_from(["user", "user", "user", "agent", "agent", "tool"])),
        time=local + dt.timedelta(minutes=draw(st.sampled_from(_MINUTES))),
        session_id=draw(st.sampled_from([None, None, None, "s1"])),
        language=draw(st.sampled_from([None, "en", "de"])),
        **draw(st.sampled_from(_USAGE)),
    )


@st.composite
def _cut(draw: st.DrawFn, events: Sequence[Event]) -> list[list[Event]]:
    at = sorted(draw(st.sets(st.integers(1, len(events)), max_size=4)))
    return [list(events[i:j]) for i, j in zip([0, *at], [*at, len(events)], strict=True) if i < j]


@st.composite
def _asked(draw: st.DrawFn, start: dt.date) -> dict[str, str]:
    first, length = draw(st.integers(-10, LENGTH)), draw(st.integers(1, LENGTH + 20))
    asked = {
        "days_from": str(start + dt.timedelta(days=first)),
        "days_to": str(start + dt.timedelta(days=first + length - 1)),
        "by": draw(st.sampled_from(["day", "week", "month", ""])),
        "platform": draw(st.sampled_from(["", "web", "telegram", "matrix"])),
    }
    return {name: value for name, value in asked.items() if value}


def _refuse(agent: Agent, user: User, day: dt.date) -> Refused:
    """Let the gate refuse a message at noon of the agent's day."""
    noon = dt.datetime.combine(day, dt.time(12), agent.zone).astimezone(dt.UTC)
    Agent.objects.filter(id=agent.id).update(access=Agent.Access.CLOSED)
    with mock.patch("django.utils.timezone.now", return_value=noon):
        verdict = admit(agent, make_event(platform=user[0], external_id=user[1], time=noon))
    Agent.objects.filter(id=agent.id).update(access=Agent.Access.OPEN)
    assert verdict.reason == "closed"
    return Refused(user[0], noon.astimezone(agent.zone).date())
