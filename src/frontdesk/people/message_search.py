"""Searching what one person has said, and what was answered: the one page that reads a history.

Texts have no index of their own, so the newest `MOST` messages are read, and the answer says when
there were more. Case, accents and width are folded as in the search for users.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from frontdesk.ledger.models import Message
from frontdesk.ledger.search_key import fold, normalise
from frontdesk.people.history import Cursor, before, newest

MOST = 50_000
MOST_FOUND = 50
MAX_WORDS = 8
BUDGET = 3.0
"""Seconds for one search."""
_STEP = 2_000
_AROUND = 60
_EXCERPT = 240


class Part(NamedTuple):
    """A piece of an excerpt, and whether it is what was searched for."""

    text: str
    is_hit: bool


class Hit(NamedTuple):
    message: Message
    excerpt: list[Part]


@dataclass(frozen=True)
class Found:
    """Hits, newest first. `searched` messages were read; `goes_on` says that there are older ones
    that were not."""

    hits: list[Hit]
    searched: int
    goes_on: bool
    is_full: bool = False
    """Whether it stopped because there were enough hits."""
    reached: Cursor | None = None
    """The oldest message that was read: a search may go on before it."""


def search_words(q: str) -> list[str]:
    """The words that a message must contain, all of them, in any order."""
    return normalise(q).split()[:MAX_WORDS]


def search(ids: Sequence[uuid.UUID], q: str, since: Cursor | None = None) -> Found:
    """The newest messages of these users that contain every word, from a place in time backward."""
    words = search_words(q)
    hits: list[Hit] = []
    searched, until = 0, monotonic() + BUDGET
    reached = since
    for message in _newest(ids, since) if words else ():
        searched += 1
        reached = Cursor.of(message)
        text = normalise(message.text)
        if all(word in text for word in words):
            hits.append(Hit(message, excerpt(message.text, words)))
        is_full = len(hits) == MOST_FOUND
        if is_full or searched == MOST or (searched % 100 == 0 and monotonic() > until):
            return Found(hits, searched, True, is_full, reached)
    return Found(hits, searched, False)


def _newest(ids: Sequence[uuid.UUID], since: Cursor | None) -> Iterator[Message]:
    page = before(ids, since, _STEP) if since else newest(ids, _STEP)
    while True:
        yield from reversed(page.messages)
        if page.earlier is None:
            return
        page = before(ids, page.earlier, _STEP)


def excerpt(text: str, words: Sequence[str]) -> list[Part]:
    """The text around the first hit, cut into what was searched for and what was not."""
    spans = _spans(text, words)
    start = max(0, spans[0][0] - _AROUND) if spans else 0
    end = min(len(text), start + _EXCERPT)
    parts, at = [Part("…", False)] if start else [], start
    for first, last in spans:
        if first < at or last > end:
            continue
        parts += [Part(text[at:first], False), Part(text[first:last], True)]
        at = last
    parts.append(Part(text[at:end] + ("…" if end < len(text) else ""), False))
    return [part for part in parts if part.text]


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words are in the text as it was written, in order."""
    folded, places = _folded(text)
    found = []
    for word in words:
        at = folded.find(word)
        while at >= 0:
            found.append((places[at], places[at + len(word) - 1] + 1))
            at = folded.find(word, at + len(word))
    return sorted(found)


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its signs the place of the sign that it was made of."""
    signs, places = [], []
    for place, sign in enumerate(text):
        folded = fold(sign)
        signs.append(folded)
        places += [place] * len(folded)
    return "".join(signs), places
