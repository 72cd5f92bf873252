"""The texts for people who talk to agents, in every language."""

import re

import pytest

from frontdesk.channels.words import PHRASES, nearest, phrase, phrases
from frontdesk.core.catalogs import SOURCE_LANGUAGE, languages, translate
from frontdesk.gate.texts import TEXTS

KEYED = {
    **{f"chat.{key}": text for key, text in PHRASES.items()},
    **{f"gate.{key}": text for key, text in TEXTS.items()},
}


def values_in(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", text))


def test_there_are_twelve_languages() -> None:
    assert len(languages()) == 12


@pytest.mark.parametrize("language", languages()[1:])
def test_a_language_translates_every_text_and_keeps_its_values(language: str) -> None:
    for key, text in KEYED.items():
        translated = translate(key, text, language)
        assert values_in(translated) == values_in(text), key
        assert translated, key


def test_an_unsupported_language_is_english() -> None:
    assert translate("chat.send", "Send", "xx") == "Send"
    assert translate("chat.send", "Send", "de") == "Senden"


@pytest.mark.parametrize("language", languages())
def test_the_commands_fit_telegrams_menu(language: str) -> None:
    for key, text in phrases(language).items():
        assert not key.startswith("command_") or len(text) <= 256


def test_the_nearest_language_is_found_by_its_base() -> None:
    assert (nearest("pt-BR"), nearest("xx", "zh_Hant"), nearest("xx")) == (
        "pt",
        "zh",
        SOURCE_LANGUAGE,
    )


def test_values_are_filled_in() -> None:
    assert phrase("typing", "de", name="Ada") == "Ada schreibt"
