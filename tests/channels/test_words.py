"""What the channels say, in every language that the gate speaks."""

import re
import tomllib
from pathlib import Path

import pytest

from frontdesk.channels import words
from frontdesk.channels.words import FALLBACK, languages, nearest, phrase, phrases
from frontdesk.gate import texts


def written(file: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(file.read_text("utf-8"))


def values_in(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", text))


WORDS = written(Path(words.__file__).with_name("words.toml"))
GATE = written(Path(texts.__file__).with_name("texts.toml"))


def test_the_channels_speak_every_language_of_the_gate() -> None:
    assert set(languages()) == set(GATE)


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_phrase_with_the_same_values(language: str) -> None:
    own = WORDS[language]
    assert list(own) == list(WORDS[FALLBACK])
    for key, text in WORDS[FALLBACK].items():
        assert values_in(own[key]) == values_in(text), key


@pytest.mark.parametrize("language", languages())
def test_the_commands_fit_telegrams_menu(language: str) -> None:
    for key, text in phrases(language).items():
        assert not key.startswith("command_") or len(text) <= 256


def test_the_nearest_language_is_found_by_its_base() -> None:
    assert (nearest("pt-BR"), nearest("xx", "zh_Hant"), nearest("xx")) == ("pt", "zh", FALLBACK)


def test_values_are_filled_in() -> None:
    assert phrase("typing", "de", name="Ada") == "Ada schreibt"
