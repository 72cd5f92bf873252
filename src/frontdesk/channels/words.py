"""What the channels themselves say to people, in their languages; see words.toml.

What the gate says (blocked, over a limit, …) is in `gate.texts`, for operators may change it.
"""

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

FALLBACK = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def languages() -> tuple[str, ...]:
    return tuple(_words())


def nearest(*tags: str) -> str:
    """The first of these language tags that there are words in, or English: "pt" for "pt-br"."""
    bases = (tag.lower().replace("_", "-").partition("-")[0] for tag in tags)
    return next((base for base in bases if base in _words()), FALLBACK)


def phrase(key: str, language: str, **values: object) -> str:
    """One phrase in the nearest language, with its {values} filled in. KeyError for no phrase."""
    text = phrases(language)[key]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def phrases(language: str) -> Mapping[str, str]:
    """All phrases in the nearest language; those that it lacks are English."""
    words = _words()
    return {**words[FALLBACK], **words[nearest(language)]}


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
