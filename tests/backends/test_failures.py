"""What operators read about failed requests."""

import datetime as dt
import time
from email.utils import format_datetime

import pytest

from frontdesk.backends.failures import MAX_SAID, of_status, said


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("Mon, 20 Nov 1995 19:12:08 GMT", 0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("Mon, 20 Nov 99999 19:12:08 GMT", None),
        ("Mon, 20 Nov 1995 19:12:08 +99999999999999999999", None),
    ],
)
def test_any_retry_after_header_is_read_or_ignored(header: str, after: float | None) -> None:
    assert of_status(429, {"Retry-After": header}).after == after


def test_a_date_to_retry_at_is_so_many_seconds_from_now() -> None:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    after = of_status(503, {"Retry-After": format_datetime(at, usegmt=True)}).after
    assert after == pytest.approx(60, abs=2)


KEY = "abcd-12345-secret"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("The model `x` does not exist.", "The model `x` does not exist."),
        ("two\nlines\u202e", "two lines"),
        (f"bad key {KEY}!", "bad key …!"),
        (f"bad key {KEY.upper()}!", "bad key …!"),
        ("Incorrect API key provided: sk-proj-****abcd.", "Incorrect API key provided: …"),
        ("Bearer abc.def is invalid", "Bearer … is invalid"),
        ("token 0123456789abcdef0123456789abcdef expired", "token … expired"),
        ("you said: my own words, which", "you said: …, which"),
        ({"a": 1}, ""),
        (None, ""),
        ("x" * 500, "x" * (MAX_SAID - 1) + "…"),
    ],
)
def test_a_servers_sentence_is_shown_without_keys_and_words(message: object, shown: str) -> None:
    assert said(message, KEY, ["my own\nwords"]) == shown


@pytest.mark.parametrize(
    "message",
    [
        "Invalid prompt: 'Dear doctor, since last w...' is refused",
        "dear DOCTOR, since last week I have\nhad",
        'Invalid: {"content": "…ast week I have had this pain in my chest…"}',
        "Dear doctor, since last week; dear doctor, since last week",
    ],
)
def test_parts_of_the_persons_words_are_not_shown_either(message: str) -> None:
    words = "Dear doctor, since last week I have had this pain in my chest. " * 1_000
    shown = said(message, KEY, ["hello", words])
    assert not any(each in shown.lower() for each in ("doctor", "week", "pain", "chest"))


def test_words_that_a_sentence_shares_with_the_person_are_shown() -> None:
    assert said("The model skips a week", KEY, ["a", "which week of the model year?"]) == (
        "The model skips a week"
    )


@pytest.mark.parametrize("unit", ["a", "ab", "abcdefgh ijkl"])
def test_a_long_history_takes_no_long_time(unit: str) -> None:
    history = [unit * (100_000 // len(unit)) for _ in range(100)]
    started = time.process_time()
    said(unit * 1_000, KEY, history)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("unit", ["a1-", "*", "sk-", "bearer ", "a", "1 "])
def test_no_message_takes_long(unit: str) -> None:
    started = time.process_time()
    assert len(said(unit * 1_000_000, KEY, ["words"])) <= MAX_SAID
    assert time.process_time() - started < 1
