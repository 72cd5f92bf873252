"""What a message replies to or quotes, as a text for the backend.

It is not the person's own text, so the ledger does not keep it. Each line of it begins with "> ",
whatever it holds, so it cannot be mistaken for what the person wrote.
"""

from typing import Any

from frontdesk.channels.telegram.content import full_name, mapping, origin_name, string, text_of

MAX_CONTEXT = 1_000
"""Characters of what is quoted, together."""
MAX_PART = 600
"""Characters of the quoted part; the rest is left for the whole message."""
MAX_NAME = 100


def context_of(message: dict[str, Any], bot_id: int) -> str:
    """Who wrote what this message replies to, and what; "" if it replies to nothing."""
    replied = mapping(message.get("reply_to_message"))
    if "forum_topic_created" in replied:  # every message in a topic "replies" to its beginning
        replied = {}
    other = replied or mapping(message.get("external_reply"))
    text = text_of(other)
    if not other and "reply_to_story" in message:
        text = "[story]"
    part = string(mapping(message.get("quote")).get("text")).strip()[:MAX_PART]
    whole = _cut(text, MAX_CONTEXT - len(part))
    if not (part or whole):
        return ""
    blocks = [_block(f"In reply to {_author(other, bot_id)}:", whole)] if whole else []
    if part and part != whole:
        blocks.append(_block("About this part of it:" if blocks else "About this quote:", part))
    return "\n\n".join(blocks)


def _author(message: dict[str, Any], bot_id: int) -> str:
    sender = mapping(message.get("from"))
    if sender.get("id") == bot_id:
        return "you"
    name = string(mapping(message.get("sender_chat")).get("title")) or full_name(sender)
    name = name or origin_name(mapping(message.get("origin")))
    return " ".join(name.split())[:MAX_NAME] or "someone"


def _cut(text: str, size: int) -> str:
    text = text.strip()
    return text if len(text) <= size else f"{text[: size - 1].rstrip()}…"


def _block(title: str, text: str) -> str:
    return "\n".join([title, *(f"> {line}" for line in text.splitlines())])
