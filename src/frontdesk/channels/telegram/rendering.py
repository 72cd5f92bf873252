"""Converts the Markdown of an answer to Telegram's format: text with entities, in parts."""

import logging

from telegramify_markdown import MessageEntity, RenderConfig
from telegramify_markdown.converter import EventWalker

from frontdesk.channels.outbox import Part
from frontdesk.channels.telegram import markdown as source
from frontdesk.channels.telegram.splitting import split
from frontdesk.core.text import storable

logger = logging.getLogger(__name__)

_WIDEST_COLUMN = 40
"""Characters to which the cells of a table's text are filled up."""


def render(markdown: str) -> list[Part]:
    """The parts of an answer in their order; none if nothing would be visible."""
    try:
        text, events = source.parse(storable(markdown), is_rich=False)
        text, entities, _ = _Walker(_CONFIG, text).walk(events)
    except source.TooComplexError:
        return plain(markdown)
    except Exception:  # an answer that cannot be parsed is still an answer
        logger.exception("Markdown that cannot be parsed is sent as plain text")
        return plain(markdown)
    # Markup alone, such as an empty fence, is better seen than not.
    return split(text, _without_nested_quotes(entities)) or plain(markdown)


def plain(text: str) -> list[Part]:
    """The parts of a text that is not Markdown."""
    return split(storable(text), [])


def without_entities(part: Part) -> list[Part]:
    """The same part for a server that refuses its entities: addresses stand in the text."""
    raw, start, pieces = part.text.encode("utf-16-le"), 0, []
    links = [each for each in part.entities if "url" in each]
    for link in sorted(links, key=lambda each: int(each["offset"])):
        end = 2 * (link["offset"] + link["length"])
        if raw[2 * link["offset"] : end].decode("utf-16-le").strip() != link["url"]:
            pieces += [raw[start:end].decode("utf-16-le"), f" ({link['url']})"]
            start = end
    return plain("".join([*pieces, raw[start:].decode("utf-16-le")]))


def _without_nested_quotes(entities: list[MessageEntity]) -> list[MessageEntity]:
    """Telegram takes no quote within a quote; the outer one shows the text as quoted."""
    kept, last = [], 0
    for entity in sorted(entities, key=lambda each: (each.offset, -each.length)):
        if entity.type in ("blockquote", "expandable_blockquote"):
            if entity.offset < last:
                continue
            last = entity.offset + entity.length
        kept.append(entity)
    return kept


class _Walker(EventWalker):
    """Makes text with entities of a parsed answer."""

    def _format_table(self, rows: list[list[str]]) -> str:
        """The table as text. Cells are filled up only so far, or a table could be of any size."""
        count = max((len(row) for row in rows), default=0)
        widths = [0] * count
        for row in rows:
            for column, cell in enumerate(row):
                widths[column] = min(max(widths[column], len(cell)), _WIDEST_COLUMN)
        lines = [" | ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        if len(lines) > 1:
            lines.insert(1, "-+-".join("-" * width for width in widths))
        return "\n".join(lines)


def _config() -> RenderConfig:
    config = RenderConfig.isolated()
    for level in range(1, 7):  # headings are bold and need no emoji
        setattr(config.markdown_symbol, f"heading_level_{level}", "")
    config.markdown_symbol.unordered_list_item = "•"
    config.markdown_symbol.task_completed = source.TASK_DONE
    config.markdown_symbol.task_uncompleted = source.TASK_OPEN
    return config


_CONFIG = _config()
