"""Input is untrusted until it is parsed, and every error says what is wrong and where."""

import contextlib
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.ledger.events import EventError, check, parse
from tests.factories import NOON

EVENT = {
    "platform": "telegram",
    "externalId": "1001",
    "messageId": "1",
    "role": "user",
    "time": "2026-10-14T12:00:00Z",
    "text": "Hello",
}


def test_json_and_a_mapping_are_read_alike() -> None:
    assert parse(json.dumps(EVENT)) == parse(json.dumps(EVENT).encode()) == parse(dict(EVENT))


def test_both_spellings_are_parsed() -> None:
    snake = {"platform": "telegram", "external_id": "1001", "message_id": "1"}
    snake |= {"role": "user", "time": "2026-10-14T12:00:00Z", "text": "Hello"}
    assert parse(json.dumps(snake)) == parse(json.dumps(EVENT))


@pytest.mark.parametrize(
    "written", ["2026-10-14T12:00:00Z", "2026-10-14T17:45:00+05:45", "2026-10-14T12:00:00.000Z"]
)
def test_a_time_is_a_moment_in_any_zone(written: str) -> None:
    event = parse({**EVENT, "time": written})
    check(event, NOON)
    assert event.time == NOON
    assert event.time.tzinfo == dt.UTC


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"platform": None}, "platform"),
        ({"platform": "Telegram!"}, "platform"),
        ({"platform": "x" * 33}, "platform"),
        ({"externalId": ""}, "externalId"),
        ({"externalId": "x" * 256}, "externalId"),
        ({"externalId": 5}, "externalId"),
        ({"role": "robot"}, "role"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-10-14T12:00:00"}, "time"),
        ({"time": "0000-00-00T00:00:00Z"}, "time"),
        ({"text": 7}, "text"),
        ({"text": "x" * 100_001}, "text"),
        ({"cost": -1}, "cost"),
        ({"cost": 0.5}, "cost"),
        ({"cost": 10**13}, "cost"),
        ({"cost": True}, "cost"),
        ({"inputTokens": -1}, "inputTokens"),
        ({"inputTokens": 1e300}, "inputTokens"),
        ({"tags": "vip"}, "tags"),
        ({"tags": ["x"] * 51}, "tags"),
        ({"attributes": [1]}, "attributes"),
        ({"messageID": "1"}, "messageId"),
        ({"mesage": "1"}, "mesage"),
        ({"sequence": 2**60}, "sequence"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(EventError) as refusal:
        parse(json.dumps({**EVENT, **changes}))
    assert named in refusal.value.reason


@pytest.mark.parametrize("field", ["platform", "externalId", "role", "time"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(EventError) as refusal:
        parse(json.dumps({name: value for name, value in EVENT.items() if name != field}))
    assert field in refusal.value.reason


@pytest.mark.parametrize(
    "raw", ["", "null", "[]", "5", '"x"', "{", '{"a":', b"\xff", "{}{}", "NaN"]
)
def test_what_is_not_an_event_is_rejected(raw: str | bytes) -> None:
    with pytest.raises(EventError):
        parse(raw)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=6,
    )
)
def test_any_json_is_an_event_or_rejected(value: object) -> None:
    with pytest.raises(EventError):
        parse(json.dumps(value))


VALUES = st.text() | st.integers() | st.none() | st.dictionaries(st.text(), st.text())
FIELDS = st.sampled_from([*EVENT, "name", "email", "language", "avatarUrl", "attributes"])


@given(st.dictionaries(FIELDS, VALUES))
def test_any_value_of_any_field_is_accepted_or_rejected(changes: dict[str, Any]) -> None:
    with contextlib.suppress(EventError):
        check(parse(json.dumps({**EVENT, **changes})), NOON)
