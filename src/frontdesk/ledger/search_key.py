"""The text that users are found by, made here so that every database finds the same users.

A key is designed for trigrams. Each field is preceded by two spaces and each word by one, so that
the start of a word (" ab") and of a field ("  a") are trigrams too. Languages written without
spaces get a word for every suffix of a run of characters, so that 王伟 is found in 小王伟. Emoji
become words such as u1f98a, because trigram indexes skip characters that are neither letters nor
digits. A word of one letter is a field of its own as well, and short words are without their "@".
"""

import re
import uuid
from collections.abc import Iterator

from frontdesk.core.folding import normalize
from frontdesk.ledger.labels import stable_label

MAX_SORT_NAME = 100
TRIGRAM = 3
_MAX_RUN = 16
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def search_key(user_id: uuid.UUID, name: str, username: str, email: str, external_id: str) -> str:
    """Everything that this user is found by, including the label that replaces a missing name."""
    label = name or username or stable_label(user_id)
    fields = [normalize(field) for field in (label, username if name else "", email, external_id)]
    key = "".join(f"  {field}" for field in fields if field)
    short = [word for word in dict.fromkeys(_short_words(key)) if word not in key]
    return key + "".join(f" {word}" for word in _suffixes(key)) + "".join(short)


def sort_name(user_id: uuid.UUID, name: str, username: str) -> str:
    """What the Name column is sorted by: the label, folded."""
    return normalize(name or username or stable_label(user_id))[:MAX_SORT_NAME]


def search_id(user_id: uuid.UUID) -> int:
    """The row of the SQLite search index: 63 bits of the id, which are random."""
    return user_id.int >> 65


def _short_words(key: str) -> Iterator[str]:
    """The words of fewer than three characters, as a search for beginnings looks for them."""
    for word in key.split():
        bare = word.lstrip("@") or word
        if len(bare) < TRIGRAM:
            yield " " * (TRIGRAM - len(bare)) + bare


def _suffixes(key: str) -> Iterator[str]:
    for run in _UNSPACED.finditer(key):
        characters = run.group()[:_MAX_RUN]
        starts_word = key[run.start() - 1] == " "
        for start in range(1 if starts_word else 0, len(characters)):
            yield characters[start:]
