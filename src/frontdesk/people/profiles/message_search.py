"""Searching what one person has said, and what was answered: the one page that reads a history.

Texts have no index of their own, so the newest `MAX` messages are read, and the answer says when
there were more. Case, accents and width are folded as in the search for users.
"""

import datetime as dt
import heapq
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from django.db.models import Q

from frontdesk.ledger.models import Message
from frontdesk.ledger.search_key import fold, normalise
from frontdesk.people.profiles.history import Cursor, older_than

MAX = 50_000
MAX_FOUND = 50
MAX_WORDS = 8
BUDGET = 3.0
"""Seconds for one search."""
_STEP = 2_000
_FIRST_STEP = 100
_STEP_SIGNS = 4_000_000
"""Signs, about, of the texts of one step: memory for those of the longest texts as well."""
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
    hits: list[Cursor] = []
    searched, until, reached = 0, monotonic() + BUDGET, since
    for reached, text in _newest(ids, since) if words else ():
        searched += 1
        folded = fold_fast(text)
        if all(word in folded for word in words):
            hits.append(reached)
        is_full = len(hits) == MAX_FOUND
        if is_full or searched == MAX or (searched % 100 == 0 and monotonic() > until):
            return Found(_hits(ids, hits, words), searched, True, is_full, reached)
    return Found(_hits(ids, hits, words), searched, False)


def fold_fast(text: str) -> str:
    """As search_key.fold, by a table of the signs that were met: many texts repeat the same few."""
    return text.casefold() if text.isascii() and text.isprintable() else text.translate(_FOLDS)


class _Folds(dict[int, str]):
    def __missing__(self, code: int) -> str:
        folded = self[code] = fold(chr(code))
        return folded


_FOLDS = _Folds()


def _newest(ids: Sequence[uuid.UUID], since: Cursor | None) -> Iterator[tuple[Cursor, str]]:
    """Places and texts of these users' messages, backward in time."""
    own = [_backward(id_, since) for id_ in ids]
    for sent_at, id_, text in heapq.merge(*own, reverse=True):
        yield Cursor(sent_at, id_), text


def _backward(
    user_id: uuid.UUID, since: Cursor | None
) -> Iterator[tuple[dt.datetime, uuid.UUID, str]]:
    place, step = since, min(_STEP, _FIRST_STEP)
    while True:
        messages = Message.objects.filter(older_than(place) if place else Q(), end_user_id=user_id)
        newest = messages.order_by("-sent_at", "-id")
        found = list(newest.values_list("sent_at", "id", "text")[:step])
        yield from found
        if len(found) < step:
            return
        place = Cursor(*found[-1][:2])
        step = _next_step(step, sum(len(text) for *_, text in found))


def _next_step(step: int, signs: int) -> int:
    """Messages of the next step, as many as before had so many signs: it grows slowly."""
    fitting = _STEP_SIGNS * step // max(1, signs)
    return max(1, min(_STEP, 4 * step, fitting))


def _hits(ids: Sequence[uuid.UUID], found: list[Cursor], words: list[str]) -> list[Hit]:
    """The messages at these places; one that has just gone is left out."""
    there = Message.objects.filter(end_user_id__in=list(ids), id__in=[place.id for place in found])
    by_id = {message.id: message for message in there} if found else {}
    messages = [by_id[place.id] for place in found if place.id in by_id]
    return [Hit(message, excerpt(message.text, words)) for message in messages]


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
        folded = _FOLDS[ord(sign)]
        signs.append(folded)
        places += [place] * len(folded)
    return "".join(signs), places
