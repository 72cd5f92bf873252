"""The invented people, with names in many scripts, and anonymous visitors."""

import functools
import random
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import Any

_HANDLES = "owl fox reed pixel comet tram lemon river cactus mango cobalt otter violin kite".split()
_SPARKS = ("🌸", "⚡", "🦊", "🌙", "☕", "🔥", "🐙", "✈️")
_PLANS = ("free", "plus", "business")
_TAGS = ("vip", "beta", "newsletter", "complaint", "partner")
_PAGES = ("/", "/pricing", "/help", "/deals", "/contact")


@dataclass(frozen=True)
class Person:
    """A future end user. `profile` has the Event fields of each of their messages."""

    platform: str
    external_id: str
    language: str
    profile: dict[str, Any]


def invent(rng: random.Random, number: int, telegram: float) -> Person:
    """The person with this number; `telegram` is the share of people on Telegram."""
    language = rng.choices(list(_names()), [entry["share"] for entry in _names().values()])[0]
    if rng.random() < telegram:
        person = _on_telegram(rng, number, language)
    else:
        person = _on_the_web(rng, number, language)
    if rng.random() < 0.3:
        person.profile["plan"] = rng.choices(_PLANS, (6, 3, 1))[0]
    if rng.random() < 0.12:
        person.profile["tags"] = rng.sample(_TAGS, rng.choices((1, 2), (4, 1))[0])
    return person


def namesakes(people: list[Person]) -> list[tuple[Person, Person]]:
    """Two pairs of end users who are the same human, on Telegram and on the web."""
    pairs = (_named(people, platform)[:2] for platform in ("telegram", "web"))
    return list(zip(*pairs, strict=True))


def name_alike(people: list[Person]) -> None:
    """Give both namesakes of each pair the same name."""
    for one, other in namesakes(people):
        other.profile["name"] = one.profile["name"]


def _named(people: list[Person], platform: str) -> list[Person]:
    """English speakers with a name."""
    return [
        p for p in people if (p.platform, p.language) == (platform, "en") and "name" in p.profile
    ]


def _on_telegram(rng: random.Random, number: int, language: str) -> Person:
    """Telegram always sends a name, often a username, and usually a language."""
    given, family = _name(rng, language)
    name = _join(language, given, family if rng.random() < 0.6 else "")
    if rng.random() < 0.1:
        name = f"{name} {rng.choice(_SPARKS)}"
    profile: dict[str, Any] = {"name": name}
    if rng.random() < 0.7:
        profile["username"] = _username(rng, given, number)
    if rng.random() < 0.9:
        profile["language"] = language
    return Person("telegram", str(190_000_000 + 7_919 * number), language, profile)


def _on_the_web(rng: random.Random, number: int, language: str) -> Person:
    """Most visitors are anonymous; some have signed in to the host site."""
    profile: dict[str, Any] = {"language": language, "attributes": {"page": rng.choice(_PAGES)}}
    if rng.random() < 0.28:
        given, family = _name(rng, language)
        profile["name"] = _join(language, given, family)
        if rng.random() < 0.75:
            host = rng.choice(("example.com", "example.org", "example.net"))
            profile["email"] = f"{_username(rng, given, number)}@{host}"
    visitor = f"visitor-{rng.getrandbits(40):010x}"
    return Person("web", visitor, language, profile)


def _name(rng: random.Random, language: str) -> tuple[str, str]:
    names = _names()[language]
    return rng.choice(names["given"]), rng.choice(names["family"])


def _join(language: str, given: str, family: str) -> str:
    if _names()[language].get("order") != "family":
        return f"{given} {family}".rstrip()
    return f"{family}{given}" if language == "zh" else f"{family} {given}".lstrip()


def _username(rng: random.Random, given: str, number: int) -> str:
    """The Latin letters of the given name, or a word if it has none, and a unique number."""
    decomposed = unicodedata.normalize("NFKD", given).encode("ascii", "ignore").decode()
    letters = "".join(letter for letter in decomposed.lower() if letter.isalpha())
    return f"{letters or rng.choice(_HANDLES)}_{number}"


@functools.cache
def _names() -> dict[str, dict[str, Any]]:
    text = resources.files("frontdesk.demo").joinpath("names.toml").read_text("utf-8")
    return tomllib.loads(text)
