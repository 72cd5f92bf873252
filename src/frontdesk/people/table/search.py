"""Search terms as conditions on the search key, and the trigram index that finds candidates.

A term is found anywhere. One of fewer than three characters has no trigram: if all terms are so
short and the agent has more than `MAX_SCANNED` users, only the beginnings are searched, of words
for two characters and of fields for one, and one-letter words: the key has spaces there (see
ledger.search_key).
"""

import contextlib
import uuid
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.core.folding import normalize
from frontdesk.core.sql.dialect import dialect
from frontdesk.core.text import clean_line
from frontdesk.ledger.events import user_id
from frontdesk.ledger.models import FacetCount
from frontdesk.ledger.search_key import TRIGRAM

MAX_WORDS = 8
MAX_SCANNED = 10_000
"""The users of an agent that may all be tested, where no index finds the terms."""


class Match(NamedTuple):
    """SQL that finds candidates in `ledger_search s`, and SQL that tests a user `u`.

    Without `candidates`, no index finds the terms. `typed` is the search in lowercase, to be
    compared with usernames and e-mail addresses.
    """

    candidates: str
    candidate_params: tuple[str, ...]
    decides: str
    params: tuple[str, ...]
    typed: str
    platforms: Mapping[str, int]
    """The agent's platforms, with the number of users of each."""
    is_decided: bool = False
    """Whether the candidates need no test."""
    only_beginnings: bool = False


def terms(q: str) -> list[str]:
    """The folded words of a search, all of which a key must contain."""
    # Cleaned as names are, so that a name is found by what was reported as well.
    words = normalize(clean_line(q) or "").split()
    return [word.lstrip("@") or word for word in words][:MAX_WORDS]


def match(agent: Agent, q: str) -> Match | None:
    """The conditions for a search; None for an empty search."""
    words = terms(q)
    if not words:
        return None
    indexed = [word for word in words if len(word) >= TRIGRAM]
    platforms = platforms_of(agent)
    only_beginnings = not indexed and sum(platforms.values()) > MAX_SCANNED
    if only_beginnings:
        words = indexed = [" " * (TRIGRAM - len(word)) + word for word in words]
    candidates, candidate_params = "", list[str]()
    if indexed:
        found = dialect().trigram_match("ledger_search", "search_key", indexed)
        candidates, candidate_params = found
    decides, params = dialect().contains("u.search_key", words)
    is_decided = dialect().trigrams_are_exact and indexed == words
    return Match(
        candidates,
        tuple(candidate_params),
        decides,
        tuple(params),
        q.lstrip("@").lower(),
        platforms,
        is_decided,
        only_beginnings,
    )


def platforms_of(agent: Agent) -> dict[str, int]:
    """The agent's platforms, with the number of users of each."""
    counts = FacetCount.objects.filter(agent=agent, facet=FacetCount.Facet.PLATFORM)
    return dict(counts.values_list("value", "users"))


def exact_ids(agent: Agent, q: str, platforms: Iterable[str]) -> list[uuid.UUID]:
    """Ids of the users, existing or not, whose own or external id is exactly what was typed."""
    found = [user_id(agent.id, platform, q) for platform in platforms]
    with contextlib.suppress(ValueError):
        found.append(uuid.UUID(q))
    return found
