"""How the console writes times and avatars."""

import datetime as dt

import pytest
from django.utils import timezone

from frontdesk.console.templatetags import console
from frontdesk.ledger.models import NEVER

NOW = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3600, "in the future"),
        (-30, "just now"),
        (0, "just now"),
        (59.9, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86399, "23 h ago"),
        (86400, "1 d ago"),
        (30 * 86400 - 1, "29 d ago"),
        (30 * 86400, "1 mo ago"),
        (365 * 86400 - 1, "12 mo ago"),
        (365 * 86400, "1 y ago"),
        (800 * 86400, "2 y ago"),
    ],
)
def test_ages_are_shown_in_their_largest_unit(seconds: float, words: str) -> None:
    assert console.relative(seconds) == words


def test_ago_is_exact_on_hover_in_the_active_zone() -> None:
    with timezone.override("Asia/Kathmandu"):
        tag = console.ago(NOW - dt.timedelta(hours=2), NOW)
    assert tag == (
        '<time datetime="2026-11-03T15:45:00+05:45" data-ago '
        'title="Tue 3 Nov 2026, 15:45:00 (Asia/Kathmandu)">2 h ago</time>'
    )


@pytest.mark.parametrize("value", [None, NEVER])
def test_the_time_of_a_message_that_does_not_exist_is_never(value: dt.datetime | None) -> None:
    assert console.ago(value) == console.exact(value) == "never"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "AL"),
        ("ada", "A"),
        ("Ana María de la Cruz", "AC"),
        ("@heron", "H"),
        ("«Лютик» магазин", "ЛМ"),
        ("王伟", "王"),
        ("  ", "?"),
        ("", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert console.initials(name) == letters


def test_an_avatar_shows_hostile_names_as_text() -> None:
    tag = console.avatar("key", "<script> x", "<b>")
    assert "&lt;b&gt;" in tag
    assert "<b>" not in tag
    assert "&lt;" in console.avatar("key", "<script>")


def test_an_avatar_keeps_its_colour() -> None:
    assert console.hue("agent") == console.hue("agent")
    assert {console.hue(number) for number in range(200)} == set(range(console.HUES))
