"""The text that users are found by, made here so that every database finds the same users.

A key is designed for trigrams. Each field is preceded by two spaces and each word by one, so that
the start of a word (" ab") and of a field ("  a") are trigrams too. Languages written without
spaces get a word for every suffix of a run of characters, so that 王伟 is found in 小王伟. Emoji
become words such as u1f98a, because trigram indexes skip characters that are neither letters nor
digits.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterator

from frontdesk.ledger.labels import stable_label

MAX_SORT_NAME = 100
_MAX_RUN = 16
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def normalize(text: str) -> str:
    """Fold what a search ignores: case, accents, width, control characters, runs of spaces."""
    return " ".join(fold(text).split())


def fold(text: str) -> str:
    """Like `normalize`, but keeps runs of spaces: characters can be folded one by one."""
    if text.isascii() and text.isprintable():
        return text.casefold()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(map(_fold, folded))


def search_key(user_id: uuid.UUID, name: str, username: str, email: str, external_id: str) -> str:
    """Everything that this user is found by, including the label that replaces a missing name."""
    label = name or username or stable_label(user_id)
    fields = [normalize(field) for field in (label, username if name else "", email, external_id)]
    key = "".join(f"  {field}" for field in fields if field)
    return key + "".join(f" {word}" for word in _suffixes(key))


def sort_name(user_id: uuid.UUID, name: str, username: str) -> str:
    """What the Name column is sorted by: the label, case and accents folded."""
    return normalize(name or username or stable_label(user_id))[:MAX_SORT_NAME]


def search_id(user_id: uuid.UUID) -> int:
    """The row of the SQLite search index: 63 bits of the id, which are random."""
    return user_id.int >> 65


def _fold(character: str) -> str:
    if character.isalnum():
        return character
    category = unicodedata.category(character)
    if category == "So":
        return f" u{ord(character):x} "
    if category in ("Mn", "Cf") or ord(character) in _SKIN_TONES:
        return ""
    return " " if category in ("Cc", "Zs", "Zl", "Zp") else character


def _suffixes(key: str) -> Iterator[str]:
    for run in _UNSPACED.finditer(key):
        characters = run.group()[:_MAX_RUN]
        starts_word = key[run.start() - 1] == " "
        for start in range(1 if starts_word else 0, len(characters)):
            yield characters[start:]
