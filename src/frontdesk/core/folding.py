"""Folding: what a search and a sort by name ignore, so that Łukasz is found as Lukasz.

Ignored are case, accents and strokes of letters, width, and typographic variants of signs.
Characters that show nothing are dropped, and all that only separate words become spaces.
"""

import unicodedata
from functools import lru_cache

from frontdesk.core.text import BLANKS

_LETTERS = {"ı": "i", "ȷ": "j", "þ": "th", "ð": "d", "ŋ": "n", "ĸ": "k", "œ": "oe", "ə": "e"}
"""Letters whose names in Unicode do not name the plain letter."""

_SIGNS = {
    **dict.fromkeys("‘’‚‛′‵‹›ʹʻʼʽʾʿˈ׳՚", "'"),
    **dict.fromkeys("“”„‟‶«»״ʺˮ", '"'),
    **dict.fromkeys("−⁃", "-"),
}
_EMPTY_BRAILLE = "\u2800"
_SEPARATORS = ("Cc", "Cn", "Co", "Cs", "Zs", "Zl", "Zp")
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def normalize(text: str) -> str:
    """Fold the text; runs of spaces become one."""
    return " ".join(fold(text).split())


def fold(text: str) -> str:
    """Like `normalize`, but keeps runs of spaces: characters can be folded one by one."""
    if text.isascii() and text.isprintable():
        return text.casefold()
    text = text.replace("´", "'")  # NFKD would make a space of it
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(map(_fold, folded))


@lru_cache(10_000)
def _fold(character: str) -> str:
    if character in BLANKS:
        return " " if character == _EMPTY_BRAILLE else ""
    if plain := _LETTERS.get(character) or _SIGNS.get(character):
        return plain
    if character.isalnum():
        return _without_stroke(character)
    category = unicodedata.category(character)
    if category == "So":
        return f" u{ord(character):x} "
    if category in ("Mn", "Cf") or ord(character) in _SKIN_TONES:
        return ""
    if category == "Pd":
        return "-"
    return " " if category in _SEPARATORS else character


def _without_stroke(character: str) -> str:
    """The plain letters of one that NFKD leaves whole: ł is "LATIN SMALL LETTER L WITH STROKE"."""
    if character.isascii():
        return character
    letter = unicodedata.name(character, "").partition(" WITH ")[0]
    for script in ("LATIN SMALL LETTER ", "LATIN LETTER SMALL CAPITAL "):
        plain = letter.removeprefix(script)
        if plain != letter and len(plain) <= _MAX_LIGATURE:
            return plain.lower()
    return character


_MAX_LIGATURE = 2  # æ is "LATIN SMALL LETTER AE"
