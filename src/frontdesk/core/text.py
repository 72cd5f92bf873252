"""Sanitizes text from outside before it is stored or shown.

`storable` changes only what databases cannot store. `clean_line` makes a single line, for names and
titles, that cannot disturb the page around it.
"""

import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Text: TypeAlias = "str | _StrPromise"
"""A text, or one that is translated when it is shown: `gettext_lazy`."""

BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that show nothing: fillers of Hangul, and the empty Braille pattern."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_JOINERS = "\u200c\u200d"  # Persian spelling and family emoji need them
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def storable(text: str) -> str:
    """The text with U+FFFD for NUL and lone surrogates, which databases reject."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text) if _has_surrogate(text) else text
    return text


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def sentence(message: object) -> str:
    """An error message without a capital and a period, as a sentence."""
    text = str(message)
    return f"{text[:1].upper()}{text[1:]}."


def clean_line(text: str | None) -> str | None:
    """One line without control characters or marks that reverse the text around it.

    A text that shows nothing is empty: it names no one.
    """
    if not text:
        return text
    if text.isascii() and text.isprintable():
        return text.strip()
    clean = unicodedata.normalize("NFC", storable(text)).translate(_BIDI_CONTROLS)
    words = "".join(map(_on_one_line, clean)).split()
    line = " ".join(words)[: len(text)]  # NFC makes some texts longer than the column
    return line if any(map(_is_visible, line)) else ""


def _on_one_line(character: str) -> str:
    """The character, a space for one that breaks lines, or nothing for one without width."""
    if character.isprintable() or character in _JOINERS:
        return character
    return "" if unicodedata.category(character) == "Cf" else " "


def _is_visible(character: str) -> bool:
    """Whether the character shows by itself. Marks need a letter before them."""
    return character not in BLANKS and unicodedata.category(character)[0] not in "CMZ"
