"""Converts the Markdown of an answer to one rich message (Bot API 10.1): headings, tables, lists.

It is sent as HTML made here, because Telegram would read the agent's own HTML, which is text.
"""

import logging
import re

from telegramify_markdown.rich import _RichHtmlWalker

from frontdesk.channels.telegram import markdown as source
from frontdesk.core.text import storable

logger = logging.getLogger(__name__)

MAX_LENGTH = 32_768
"""Characters of the text."""
_MAX_BLOCKS, _MAX_DEPTH, _MAX_COLUMNS = 500, 16, 20
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)[^>]*?(/?)>")
_BLOCKS = {"p", "li", "tr", "pre", "blockquote", "hr", "table", "ul", "ol", "tg-math-block"}
_BLOCKS |= {f"h{level}" for level in range(1, 7)}


def render(markdown: str) -> str:
    """The answer as HTML; "" if it does not fit in one rich message, or nothing is visible."""
    if len(markdown) > MAX_LENGTH:
        return ""
    try:
        _, events = source.parse(storable(markdown), is_rich=True)
        html = _RichHtmlWalker().walk(events)
    except source.TooComplexError:
        return ""
    except Exception:  # it is sent in the other form
        logger.exception("Markdown that cannot be converted to a rich message")
        return ""
    return html if _fits(html) else ""


def _fits(html: str) -> bool:
    """Whether it is within Telegram's limits, as far as they can be told here."""
    text = _TAG.sub("", html)
    if not text.strip() or len(text) > MAX_LENGTH:
        return False
    blocks = depth = deepest = columns = widest = 0
    for closing, name, empty in _TAG.findall(html):
        if closing:
            depth -= 1
            continue
        blocks += name in _BLOCKS
        columns = 0 if name == "tr" else columns + (name in ("th", "td"))
        widest = max(widest, columns)
        if not empty:
            depth += 1
            deepest = max(deepest, depth)
    return blocks <= _MAX_BLOCKS and deepest <= _MAX_DEPTH and widest <= _MAX_COLUMNS
