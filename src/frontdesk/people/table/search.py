"""Search terms as conditions on the search key, and the trigram index that finds candidates.

A term of three or more characters is found anywhere, one of two characters at the start of a word,
one of a single character at the start of a field: the key has spaces there, so these are trigrams
as well (see ledger.search_key).
"""

import contextlib
import uuid
from collections.abc import Iterable
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.core.sql.dialect import dialect
from frontdesk.ledger.events import user_id
from frontdesk.ledger.search_key import normalize

MAX_WORDS = 8


class Match(NamedTuple):
    """SQL that finds candidates in `ledger_search s`, and SQL that tests a user `u`.

    `typed` is the search in lowercase, to be compared with usernames and e-mail addresses.
    """

    candidates: str
    candidate_params: tuple[str, ...]
    decides: str
    params: tuple[str, ...]
    typed: str


def terms(q: str) -> list[str]:
    """The patterns that a key must contain, all of them."""
    words = [word.lstrip("@") or word for word in normalize(q).split()][:MAX_WORDS]
    return [" " * max(0, 3 - len(word)) + word for word in words]


def match(q: str) -> Match | None:
    """The conditions for a search; None for an empty search."""
    patterns = terms(q)
    return _match(patterns, q.lstrip("@").lower()) if patterns else None


def _match(patterns: list[str], typed: str) -> Match:
    candidates, candidate_params = dialect().trigram_match("ledger_search", "search_key", patterns)
    decides, params = dialect().contains("u.search_key", patterns)
    return Match(candidates, tuple(candidate_params), decides, tuple(params), typed)


def exact_ids(agent: Agent, q: str, platforms: Iterable[str]) -> list[uuid.UUID]:
    """Ids of the users, existing or not, whose own or external id is exactly what was typed."""
    found = [user_id(agent.id, platform, q) for platform in platforms]
    with contextlib.suppress(ValueError):
        found.append(uuid.UUID(q))
    return found
