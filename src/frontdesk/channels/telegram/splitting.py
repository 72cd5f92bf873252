"""Splits a text with entities into messages that Telegram accepts."""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from telegramify_markdown import MessageEntity

from frontdesk.channels.outbox import Part

MAX_LENGTH = 4096
"""UTF-16 units of one message."""
MAX_ENTITIES = 100
"""Telegram ignores any more."""
_LONGEST_CLUSTER = 64
"""Characters that are kept together at most: families and flags have ten."""


def split(text: str, entities: Sequence[MessageEntity]) -> list[Part]:
    """The messages in their order; none if nothing would be visible.

    They end between lines or words if possible, and never within an emoji.
    """
    units = [0, *accumulate(2 if c > "\uffff" else 1 for c in text)]
    entities = sorted(entities, key=lambda each: (each.offset, -each.length))
    parts, start, taken = [], 0, 0
    found: list[MessageEntity] = []
    """Those of the part before that go on in this one."""
    while start < len(text):
        end = bisect_right(units, units[start] + MAX_LENGTH) - 1
        too_many = taken + max(0, MAX_ENTITIES - len(found))
        if too_many < len(entities) and entities[too_many].offset < units[end]:
            place = bisect_left(units, entities[too_many].offset)
            end = place if place > start else end
        end = end if end == len(text) else _best_end(text, start, end)
        while taken < len(entities) and entities[taken].offset < units[end]:
            found.append(entities[taken])
            taken += 1
        if text[start:end].strip():
            shown = found[:MAX_ENTITIES]
            clipped = [_clipped(each, units[start], units[end]) for each in shown]
            parts.append(Part(text[start:end], [each.to_dict() for each in clipped]))
        found = [each for each in found if each.offset + each.length > units[end]]
        start = end
    return parts


def _clipped(entity: MessageEntity, start: int, end: int) -> MessageEntity:
    first, last = max(entity.offset, start), min(entity.offset + entity.length, end)
    return entity.copy_with(offset=first - start, length=last - first)


def _best_end(text: str, start: int, end: int) -> int:
    """Where to end a part that must end at `end` at the latest, and not long before if possible."""
    middle = (start + end) // 2
    for separator, first in (("\n", middle), (" ", middle), ("\n", start), (" ", start)):
        place = text.rfind(separator, first, end)
        if place >= 0:
            return place + 1
    for place in range(end, max(start, end - _LONGEST_CLUSTER), -1):
        if _is_between_clusters(text, start, place):
            return place
    return end


def _is_between_clusters(text: str, start: int, place: int) -> bool:
    """Whether what is read as one character, such as a flag, does not go on here."""
    before, after = text[place - 1], text[place]
    if before == "\u200d" or after == "\u200d" or _continues(after):
        return False
    if not (_is_regional(before) and _is_regional(after)):
        return True
    first = place
    while first > start and _is_regional(text[first - 1]):
        first -= 1
    return (place - first) % 2 == 0  # two make a flag


def _continues(character: str) -> bool:
    """Marks, variation selectors, keycaps, skin tones, and the tags of flags."""
    is_tone_or_tag = "\U0001f3fb" <= character <= "\U0001f3ff" or (
        "\U000e0020" <= character <= "\U000e007f"
    )
    return is_tone_or_tag or unicodedata.category(character).startswith("M")


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
