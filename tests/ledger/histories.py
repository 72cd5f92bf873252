"""Histories for property tests: the messages of a few users, and the ways they may arrive."""

import datetime as dt
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from frontdesk.ledger.events import Event

UTC = dt.UTC
ZONES_AND_STARTS = [
    ("UTC", dt.datetime(2026, 2, 27, 20, tzinfo=UTC)),
    ("Asia/Kathmandu", dt.datetime(2026, 6, 1, 17, 30, tzinfo=UTC)),  # +05:45
    ("America/St_Johns", dt.datetime(2026, 3, 7, 20, tzinfo=UTC)),  # -03:30, a day of 23 hours
    ("America/St_Johns", dt.datetime(2025, 11, 1, 20, tzinfo=UTC)),  # a day of 25 hours
    ("Africa/Casablanca", dt.datetime(2026, 2, 14, 20, tzinfo=UTC)),  # Ramadan: clocks go back
    ("Africa/Casablanca", dt.datetime(2026, 3, 21, 20, tzinfo=UTC)),
    ("Australia/Lord_Howe", dt.datetime(2026, 4, 4, 10, tzinfo=UTC)),  # by half an hour
    ("Pacific/Apia", dt.datetime(2011, 12, 29, 20, tzinfo=UTC)),  # had no 30 December 2011
]
TIMEOUTS = [60, 30 * 60, 24 * 3600]
USERS = [("telegram", "1"), ("telegram", "2"), ("web", "1"), ("web", "2")]

_USAGE: list[dict[str, Any]] = [
    {},
    {},
    {"cost": 0},
    {"cost": 1234},
    {"model": "gpt-4o", "input_tokens": 1000, "output_tokens": 200, "cached_tokens": 300},
    {"model": "gpt-4o", "cost": 77, "output_tokens": 1},
    {"model": "a-model-nobody-prices", "input_tokens": 5},
    {"model": "gpt-4o"},
    {"input_tokens": 5},
    {"latency_ms": 0},
    {"model": "gpt-4o", "latency_ms": 1200, "failed": True},
    {"error": "the model timed out"},
]
USAGE_FIELDS = ("model", "input_tokens", "output_tokens", "cached_tokens", "cost", "latency_ms")
_READ: list[dict[str, Any]] = [
    {},
    {"input_tokens": 2, "cached_tokens": None},
    {"input_tokens": None, "cached_tokens": 0},
    {"input_tokens": 2000, "cached_tokens": 1500},
]
_PROFILE_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["", "Ada", "Élodie", "王伟", "Ada 🦊"]),
    "username": st.sampled_from(["", "ada", "bob"]),
    "email": st.sampled_from(["", "ada@example.com"]),
    "language": st.sampled_from(["", "en", "en-gb", "pt-br"]),
    "avatar_url": st.sampled_from(["", "https://example.com/a.png"]),
    "plan": st.sampled_from(["", "pro"]),
    "tags": st.sampled_from([[], ["vip"], ["beta", "vip"]]),
    "attributes": st.sampled_from(
        [{}, {"a": 1}, {"a": None}, {"a": "x", "b": {"c": [None, "é", 1.5]}}]
    ),
}
PROFILES = st.one_of(st.just({}), st.fixed_dictionaries({}, optional=_PROFILE_FIELDS))


class History(NamedTuple):
    """An agent's settings and the batches that arrive, with repeats and edits, in any order."""

    zone: str
    timeout: int
    batches: list[list[Event]]

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]


def copies(events: list[Event]) -> list[Event]:
    """Copies of events: recording may clean them in place, and the oracle needs the originals."""
    return [msgspec.structs.replace(event) for event in events]


@st.composite
def histories(draw: st.DrawFn, max_messages: int = 14) -> History:
    """A few users' messages, some repeated, some edited, cut into batches."""
    zone, start = draw(st.sampled_from(ZONES_AND_STARTS))
    timeout = draw(st.sampled_from(TIMEOUTS))
    events: list[Event] = []
    for number in range(draw(st.integers(1, max_messages))):
        event = draw(_events(number, start, timeout))
        events.append(event)
        for edit in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            changes = {"text": f"edit {edit}", "edited_at": event.time + dt.timedelta(hours=edit)}
            edited = msgspec.structs.replace(event, **changes, **draw(PROFILES))
            events.append(msgspec.structs.replace(edited, **draw(_edits_of(event))))
    events += draw(st.lists(st.sampled_from(events), max_size=5))
    arriving = draw(st.permutations(events))
    return History(zone, timeout, draw(_cut(arriving)))


@st.composite
def dialogues(draw: st.DrawFn) -> History:
    """One user's messages, crowded at half timeouts: sessions meet, join and split all the time."""
    zone, start = draw(st.sampled_from(ZONES_AND_STARTS))
    timeout = draw(st.sampled_from(TIMEOUTS))
    points = st.tuples(
        st.integers(0, 8),
        st.sampled_from([0, 0, 1]),
        st.sampled_from(["user", "user", "agent"]),
        st.sampled_from(["", "", "", "", "group"]),
        st.sampled_from([False, False, False, True]),
    )
    events = [
        Event(
            platform="web",
            external_id="1",
            message_id=f"m{number}",
            role=role,  # type: ignore[arg-type]
            time=start + dt.timedelta(seconds=halves * timeout // 2, microseconds=more),
            chat=chat,
            new_session=new_session,
        )
        for number, (halves, more, role, chat, new_session) in enumerate(
            draw(st.lists(points, min_size=3, max_size=12))
        )
    ]
    return History(zone, timeout, draw(_cut(events)))


def _edits_of(event: Event) -> st.SearchStrategy[dict[str, Any]]:
    """What an edit says otherwise, or leaves out."""
    left_out: dict[str, Any] = {"chat": "", "new_session": False, **dict.fromkeys(USAGE_FIELDS)}
    if event.message_id is not None:  # else it is part of the message's key
        left_out["session_id"] = None
    numbers = st.fixed_dictionaries(
        {}, optional={"cost": st.just(9), "output_tokens": st.just(7), "latency_ms": st.just(5)}
    )
    changed = st.builds(lambda one, other: one | other, numbers, st.sampled_from(_READ))
    return st.one_of(
        st.just({}),
        changed,
        st.sets(st.sampled_from(sorted(left_out))).map(
            lambda names: {name: left_out[name] for name in _with_part(names)}
        ),
    )


def _with_part(names: set[str]) -> set[str]:
    """Tokens from a cache are part of the tokens read, and are refused without them."""
    return names | {"cached_tokens"} if "input_tokens" in names else names


def _offsets(timeout: int) -> st.SearchStrategy[dt.timedelta]:
    """Moments near each other, at exactly the timeout, just beyond it, and days apart."""
    multiples = st.builds(
        lambda times, more: dt.timedelta(seconds=times * timeout, microseconds=more),
        st.integers(0, 6),
        st.sampled_from([0, 0, 1]),
    )
    minutes = st.builds(lambda minutes: dt.timedelta(minutes=minutes), st.integers(0, 12 * 60))
    days = st.builds(
        lambda days, hours: dt.timedelta(days=days, hours=hours),
        st.integers(0, 20),
        st.integers(0, 23),
    )
    return st.one_of(multiples, minutes, days)


@st.composite
def _events(draw: st.DrawFn, number: int, start: dt.datetime, timeout: int) -> Event:
    platform, external_id = draw(st.sampled_from(USERS))
    session_id = draw(st.sampled_from([None, None, None, "s1", "s2"]))
    if session_id and draw(st.booleans()):
        identity: dict[str, Any] = {"sequence": number}
    else:
        identity = {"message_id": f"m{number}"}
    return Event(
        platform=platform,
        external_id=external_id,
        role=draw(st.sampled_from(["user", "user", "user", "agent", "agent", "tool", "system"])),
        time=start + draw(_offsets(timeout)),
        text=f"text {number}",
        session_id=session_id,
        chat=draw(st.sampled_from(["", "", "group"])),
        new_session=session_id is None and draw(st.sampled_from([False, False, False, True])),
        **identity,
        **draw(st.sampled_from(_USAGE)),
        **draw(PROFILES),
    )


@st.composite
def _cut(draw: st.DrawFn, events: list[Event]) -> list[list[Event]]:
    """The same events in batches of any length."""
    at = sorted(draw(st.sets(st.integers(1, len(events)), max_size=5)))
    return [events[i:j] for i, j in zip([0, *at], [*at, len(events)], strict=True) if i < j]
