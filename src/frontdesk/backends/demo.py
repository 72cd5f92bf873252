"""The built-in demo agent, which needs no key and no network."""

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Generator
from importlib.resources import files

from frontdesk.backends.arithmetic import ExpressionError, evaluate
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Cancellation, Question, Usage

FIRST_PAUSE = 0.3
PAUSE = 0.02
"""Seconds between two words."""
_FALLBACK = "en"
_PREFIX = "words_"
_CHARACTERS_PER_TOKEN = 4
_REPEAT = re.compile(r"(?is)^\s*(?:repeat|say)(?: after me)?\s*:\s*(.+)$")
_ARITHMETIC = re.compile(r"[\s\d.()+\-−*/×·÷%]+")


def ask(backend: Backend, question: Question, cancellation: Cancellation) -> Generator[str | Usage]:
    """The reply word by word; it costs nothing."""
    text = reply(question)
    pause = FIRST_PAUSE
    for word in re.findall(r"\s*\S+\s*", text):
        if cancellation.wait(pause):
            return
        yield word
        pause = PAUSE
    read = question.text + "".join(turn.text for turn in question.history)
    yield Usage("demo", _tokens(read), _tokens(text), cost=0)


def reply(question: Question) -> str:
    """The demo's answer to a message, in the message's language or else the person's."""
    text = question.text.strip()
    if repeat := _REPEAT.match(text):
        return repeat[1]
    if (result := _calculate(text)) is not None:
        return result
    key, language = _understand(text, question.asker.language)
    if key == "long":
        return files(__package__).joinpath("demo_long.md").read_text("utf-8")
    words = {**_words()[_FALLBACK], **_words()[language]}
    return str(words[key]).format_map(_values(question, words))


def _understand(text: str, asker_language: str) -> tuple[str, str]:
    """The key of the answer, and the language to answer in."""
    own = asker_language.lower().replace("_", "-").partition("-")[0]
    languages = sorted(_words(), key=lambda language: (language != own, language != _FALLBACK))
    folded = text.casefold()
    for name in _words()[_FALLBACK]:
        for language in languages if name.startswith(_PREFIX) else ():
            if any(_is_in(word, folded) for word in _words()[language][name]):
                return name.removeprefix(_PREFIX), language
    return "unknown", languages[0]


def _is_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _calculate(text: str) -> str | None:
    """The longest arithmetic expression in a text with its result; None if there is none."""
    for found in sorted(_ARITHMETIC.findall(text), key=len, reverse=True):
        tidy = found.strip(" .")
        if re.search(r"\d\s*[+\-−*/×·÷%]", tidy):
            try:
                return f"{tidy.replace('*', '×')} = **{evaluate(tidy):,f}**"
            except ExpressionError:
                continue
    return None


def _values(question: Question, words: dict[str, str]) -> dict[str, str]:
    asker, agent = question.asker, question.agent
    now = dt.datetime.now(agent.zone)
    return {
        "name": f", {asker.name}" if asker.name else "",
        "known_name": asker.name or asker.username or words["not_known"],
        "platform": asker.platform,
        "external_id": asker.external_id,
        "language": asker.language or words["not_known"],
        "verified": words["yes" if asker.verified else "no"],
        "time": f"{now:%H:%M}",
        "zone": agent.time_zone,
    }


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("demo_words.toml").read_text("utf-8"))
