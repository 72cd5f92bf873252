"""The texts that people read, their language, and the time in them."""

import datetime as dt
import re

import pytest

from frontdesk.agents.models import Agent
from frontdesk.core.catalogs import languages
from frontdesk.gate import texts
from frontdesk.gate.limits import Rule
from tests.factories import NOON, make_agent_text

LANGUAGES = "ar de en es fr it ja pt ru tr uk zh".split()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", texts.OCCASIONS)
def test_every_language_has_every_text(occasion: str, language: str) -> None:
    text = texts.default_text(occasion, language)
    expected = {"blocked": {"{retry}"}, "limit": {"{retry}"}, "too_long": {"{limit}"}}
    assert text
    assert set(re.findall(r"{.*?}", text)) == expected.get(occasion, set())
    assert language == "en" or text != texts.default_text(occasion, "en")


def test_there_are_no_other_languages() -> None:
    assert sorted(languages()) == LANGUAGES
    assert texts.default_text("paused", "nl") == texts.default_text("paused", "en")


def test_the_nearest_text_wins(agent: Agent) -> None:
    agent.language = "de"

    def text(language: str) -> str:
        return texts.text_for(agent, "paused", language)

    def tell(language: str, own: str) -> None:
        make_agent_text(agent, "paused", language, own)

    assert text("pt-br") == texts.default_text("paused", "pt")
    assert text("nl") == text("") == texts.default_text("paused", "de")
    tell("de", "Pause!")
    assert text("nl") == "Pause!"
    tell("pt", "Pausa!")
    assert text("pt-br") == "Pausa!"
    tell("pt-br", "Pausa no Brasil!")
    assert text("pt-br") == "Pausa no Brasil!"
    assert text("pt-pt") == "Pausa!"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "in 1 min (13:01 CET)"),
        (90, "in 2 min (13:02 CET)"),
        (120 * 60, "in 120 min (15:00 CET)"),
        (3 * 3600, "in 3 h (16:00 CET)"),
        (26 * 3600, "in 26 h (2026-12-02 15:00 CET)"),
        (30 * 24 * 3600, "in 30 d (2026-12-31 13:00 CET)"),
        (-5, "in 1 min (13:00 CET)"),
    ],
)
def test_the_time_to_retry_is_relative_and_absolute_and_rounded_up(seconds: int, text: str) -> None:
    agent = Agent(time_zone="Europe/Berlin")
    now = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
    retry = now + dt.timedelta(seconds=seconds)
    assert texts.fill(agent, "{retry}", "en-gb", retry=retry, now=now) == text


def test_a_zone_without_a_name_is_written_as_its_offset() -> None:
    agent = Agent(time_zone="America/Sao_Paulo")
    text = texts.fill(agent, "{retry}", "pt", retry=NOON, now=NOON)
    assert text == "em 1 min (09:00 UTC-03)"


def test_what_is_no_placeholder_stays(agent: Agent) -> None:
    odd = "{} {0} {name} {retry.x} {limit!r} {{limit}} %s {"
    assert texts.fill(agent, odd, "en") == odd
    assert texts.fill(agent, "{limit} {retry}", "de", limit="{retry}") == "{retry} später"


def test_a_text_without_a_retry_names_no_time(agent: Agent) -> None:
    for language in LANGUAGES:
        assert "{" not in texts.text_for(agent, "blocked", language)
        assert texts.text_for(agent, "limit", language) != texts.default_text("limit", language)


def test_numbers_are_written_for_people() -> None:
    assert texts.allowed(Rule("longest_message", 12_000, "agent")) == "12,000"
    assert texts.allowed(Rule("cost_per_day", 1_250_000, "agent")) == "$1.25"
    assert texts.allowed(Rule("cost_per_day", None, "agent")) == ""


def test_every_reason_has_an_occasion() -> None:
    reasons = "archived paused closed not_verified not_invited blocked erased longest_message"
    assert [texts.occasion_of(reason) for reason in reasons.split()] == (
        "archived paused closed not_verified not_invited blocked blocked too_long".split()
    )
    assert texts.occasion_of("cost_per_month") == "limit"
