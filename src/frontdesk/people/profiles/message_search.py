"""Search in the messages of one person. It is the only page that reads a whole history.

Message texts have no index, so the newest `MAX_SEARCHED` messages are read, and the result says
whether there were more. Case, accents and width are folded as in the search for users.
"""

import datetime as dt
import heapq
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from django.db.models import Q

from frontdesk.core.folding import fold, normalize
from frontdesk.ledger.models import Message
from frontdesk.ledger.order import NEWEST_FIRST, ORDER
from frontdesk.people.profiles.history import Cursor

MAX_SEARCHED = 50_000
MAX_FOUND = 50
MAX_WORDS = 8
TIME_BUDGET = 3.0
"""Seconds for one search."""
_MAX_STEP = 2_000
"""The most messages that are read at a time."""
_FIRST_STEP = 100
_STEP_CHARACTERS = 4_000_000
"""About how many characters of text are read at a time: it bounds the memory for long messages."""
_CONTEXT = 60
_EXCERPT = 240


class Part(NamedTuple):
    """A piece of an excerpt, and whether it is a match."""

    text: str
    is_hit: bool


class Hit(NamedTuple):
    message: Message
    excerpt: list[Part]


@dataclass(frozen=True)
class Found:
    """Hits, newest first. `searched` messages were read; with `has_older`, older ones were not."""

    hits: list[Hit]
    searched: int
    has_older: bool
    is_full: bool = False
    """Whether the search stopped because there were enough hits."""
    reached: Cursor | None = None
    """The oldest message that was read. A next search may continue from here."""


def search_words(q: str) -> list[str]:
    """The words that a message must contain, all of them, in any order."""
    return normalize(q).split()[:MAX_WORDS]


def search(ids: Sequence[uuid.UUID], q: str, since: Cursor | None = None) -> Found:
    """The newest messages of these users that contain every word, back from `since`."""
    words = search_words(q)
    hits: list[Cursor] = []
    searched, until, reached = 0, monotonic() + TIME_BUDGET, since
    for reached, text in _newest(ids, since) if words else ():
        searched += 1
        folded = fold_fast(text)
        if all(word in folded for word in words):
            hits.append(reached)
        is_full = len(hits) == MAX_FOUND
        if is_full or searched == MAX_SEARCHED or (searched % 100 == 0 and monotonic() > until):
            return Found(_hits(ids, hits, words), searched, True, is_full, reached)
    return Found(_hits(ids, hits, words), searched, False)


def fold_fast(text: str) -> str:
    """The same as folding.fold, with a cache of characters: texts repeat the same few."""
    return text.casefold() if text.isascii() and text.isprintable() else text.translate(_FOLDS)


class _Folds(dict[int, str]):
    def __missing__(self, code: int) -> str:
        folded = self[code] = fold(chr(code))
        return folded


_FOLDS = _Folds()


def _newest(ids: Sequence[uuid.UUID], since: Cursor | None) -> Iterator[tuple[Cursor, str]]:
    """Cursors and texts of these users' messages, newest first."""
    own = [_backward(id_, since) for id_ in ids]
    for sent_at, position, id_, text in heapq.merge(*own, reverse=True):
        yield Cursor(sent_at, position, id_), text


def _backward(
    user_id: uuid.UUID, since: Cursor | None
) -> Iterator[tuple[dt.datetime, int, uuid.UUID, str]]:
    cursor, step = since, min(_MAX_STEP, _FIRST_STEP)
    while True:
        messages = Message.objects.filter(cursor.before() if cursor else Q(), end_user_id=user_id)
        newest = messages.order_by(*NEWEST_FIRST)
        found = list(newest.values_list(*ORDER, "text")[:step])
        yield from found
        if len(found) < step:
            return
        cursor = Cursor(*found[-1][:3])
        step = _next_step(step, sum(len(text) for *_, text in found))


def _next_step(step: int, characters: int) -> int:
    """How many messages to read next, given the characters of the last `step`. It grows slowly."""
    fitting = _STEP_CHARACTERS * step // max(1, characters)
    return max(1, min(_MAX_STEP, 4 * step, fitting))


def _hits(ids: Sequence[uuid.UUID], found: list[Cursor], words: list[str]) -> list[Hit]:
    """The messages at these cursors. A message that was just deleted is left out."""
    there = Message.objects.filter(
        end_user_id__in=list(ids), id__in=[cursor.id for cursor in found]
    )
    by_id = {message.id: message for message in there} if found else {}
    messages = [by_id[cursor.id] for cursor in found if cursor.id in by_id]
    return [Hit(message, excerpt(message.text, words)) for message in messages]


def excerpt(text: str, words: Sequence[str]) -> list[Part]:
    """The text around the first match, cut into matches and the text between them."""
    spans = _spans(text, words)
    start = max(0, spans[0][0] - _CONTEXT) if spans else 0
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
    """The positions of the words in the original text, in order."""
    folded, positions = _folded(text)
    found = []
    for word in words:
        at = folded.find(word)
        while at >= 0:
            found.append((positions[at], positions[at + len(word) - 1] + 1))
            at = folded.find(word, at + len(word))
    return sorted(found)


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the position in the original text."""
    characters, positions = [], []
    for position, character in enumerate(text):
        folded = _FOLDS[ord(character)]
        characters.append(folded)
        positions += [position] * len(folded)
    return "".join(characters), positions
