"""Converts the Markdown of an answer to Telegram's format: text with entities, in parts."""

import logging

from telegramify_markdown import MessageEntity, RenderConfig, convert, split_entities, utf16_len

from frontdesk.channels.outbox import Part
from frontdesk.core.text import storable

logger = logging.getLogger(__name__)

MAX_LENGTH = 4096
"""UTF-16 units of one message."""
MAX_ENTITIES = 100
"""Telegram ignores any more."""


def render(markdown: str) -> list[Part]:
    """The parts of an answer in their order; none if nothing would be visible."""
    try:
        text, entities = convert(storable(markdown), latex_escape=True, config=_CONFIG)
    except Exception:  # an answer that cannot be parsed is still an answer
        logger.exception("Markdown that cannot be parsed is sent as plain text")
        return plain(markdown)
    return _parts(text, [entity for entity in entities if _is_good(entity)])


def plain(text: str) -> list[Part]:
    """The parts of a text that is not Markdown."""
    return _parts(storable(text), [])


def _parts(text: str, entities: list[MessageEntity]) -> list[Part]:
    pieces = split_entities(_breakable(text), entities, MAX_LENGTH)
    return [
        Part(piece, [entity.to_dict() for entity in found[:MAX_ENTITIES]])
        for piece, found in pieces
    ]


def _breakable(text: str) -> str:
    """The text with no line longer than a message, broken between words if possible.

    Parts end where lines end. Spaces become newlines, so that the entities' offsets stay valid.
    """
    if utf16_len(text) <= MAX_LENGTH:
        return text
    return "\n".join(map(_broken, text.split("\n")))


def _broken(line: str) -> str:
    characters, start = list(line), 0
    # Half as many characters are never longer than a message in UTF-16.
    while len(characters) - start > MAX_LENGTH // 2 - 1:
        space = line.rfind(" ", start + 1, start + MAX_LENGTH // 2 - 1)
        if space < 0:
            start += MAX_LENGTH // 2 - 1  # one word, which is cut where the message ends
        else:
            characters[space], start = "\n", space + 1
    return "".join(characters)


def _is_good(entity: MessageEntity) -> bool:
    """Whether Telegram can open its link, if it has one."""
    return entity.url is None or entity.url.startswith(("https://", "http://", "tg://", "mailto:"))


def _config() -> RenderConfig:
    config = RenderConfig.isolated()
    for level in range(1, 7):  # headings are bold and need no emoji
        setattr(config.markdown_symbol, f"heading_level_{level}", "")
    config.markdown_symbol.unordered_list_item = "•"
    return config


_CONFIG = _config()
