"""The texts of the demo: topics with variations, from mira.toml, patch.toml and smalltalk.toml."""

import functools
import random
import tomllib
from importlib import resources
from typing import Any, NamedTuple

from frontdesk.ledger.events import Role

FALLBACK = "en"  # for people in whose language an agent has no topics


class Line(NamedTuple):
    """A future message."""

    role: Role
    text: str


class Script:
    """One agent's file: its topics, its people, their hours, and the operators' actions."""

    def __init__(self, name: str) -> None:
        data = _load(name)
        self.agent: dict[str, Any] = data["agent"]
        self.chat: dict[str, Any] = data["chat"]
        self.crowd: dict[str, Any] = data["crowd"]
        self.plans: list[dict[str, Any]] = data["plans"]
        self.tags: list[dict[str, Any]] = data["tags"]
        self.blocks: list[dict[str, Any]] = data["blocks"]
        self.notes: list[str] = [note["text"] for note in data["notes"]]
        self.texts: list[dict[str, Any]] = data.get("texts", [])
        self._models: list[dict[str, Any]] = data["models"]
        self._failures: dict[str, Any] = data["failures"]
        self._slots: dict[str, list[str]] = data["slots"]
        self._topics: dict[str, list[dict[str, Any]]] = {}
        for topic in data["topics"]:
            self._topics.setdefault(topic["language"], []).append(topic)

    def dialogue(self, rng: random.Random, language: str) -> list[Line]:
        """The 2 to 20 messages of a session, in the person's language if there are topics in it."""
        language = language if language in self._topics else FALLBACK
        small = _load("smalltalk")[language]
        lines: list[Line] = []
        if rng.random() < 0.35:
            lines += _exchange(rng.choice(small["hello"]))
        for topic in rng.choices(self._topics[language], k=rng.choices((1, 2), (5, 1))[0]):
            lines += self._talk(rng, topic)
        if rng.random() < 0.4:
            lines += _exchange(rng.choice(small["thanks"]))
        return lines[:20]

    def model(self, rng: random.Random, days_ago: int) -> str:
        """The model of an answer this many days ago."""
        of: dict[str, int] = next(
            each["of"] for each in self._models if days_ago >= each["days_ago"]
        )
        return rng.choices(list(of), list(of.values()))[0]

    def error(self, rng: random.Random, days_ago: int) -> str:
        """Why an answer failed; empty for most, which did not fail."""
        bad_day = days_ago == self._failures["bad_day"]
        if rng.random() >= self._failures["bad_share" if bad_day else "share"]:
            return ""
        error: str = rng.choice(self._failures["errors"])
        return error

    def _talk(self, rng: random.Random, topic: dict[str, Any]) -> list[Line]:
        """The first turns of a topic, because people leave once they know enough."""
        slots = {name: rng.choice(values) for name, values in self._slots.items()}
        turns = topic["turns"][: rng.randint(1, len(topic["turns"]))]
        lines: list[Line] = []
        for turn in turns:
            asked, answered = _exchange([text.format_map(slots) for text in turn])
            lines.append(asked)
            if "tool" in topic and not lines[1:]:
                lines.append(Line("tool", f"{topic['tool']}: {rng.randint(1, 9)} results"))
            lines.append(answered)
        return lines


def _exchange(pair: list[str]) -> list[Line]:
    return [Line("user", pair[0]), Line("agent", pair[1])]


@functools.cache
def _load(name: str) -> dict[str, Any]:
    text = resources.files("frontdesk.demo").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)
