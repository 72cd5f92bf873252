"""A message as text: its own, with attachments in brackets."""

from typing import Any

from frontdesk.channels.telegram.media import Media, bracketed


def text_of(message: dict[str, Any]) -> str:
    """The text of a message, such as "Look at this [file plan.pdf]". Embeds are text too."""
    forwarded = message.get("forwardedMessage")
    parts = [bracketed("forwarded"), *_parts(forwarded)] if isinstance(forwarded, dict) else []
    return "\n".join(part for part in [*parts, *_parts(message)] if part)


def _parts(message: dict[str, Any]) -> list[str]:
    content = _text(message, "content")
    return [
        content,
        *(_embed(embed, content) for embed in _dicts(message, "embeds")),
        *(
            bracketed(Media.FILE, _text(file, "fileName"))
            for file in _dicts(message, "attachments")
        ),
        *(bracketed(Media.STICKER, _text(one, "name")) for one in _dicts(message, "stickers")),
    ]


def _embed(embed: dict[str, Any], content: str) -> str:
    """What a bot wrote into an embed; the preview of a link in the text is left out."""
    url = _text(embed, "url")
    if url and url in content:
        return ""
    fields = [f"{_text(f, 'name')}: {_text(f, 'value')}" for f in _dicts(embed, "fields")]
    texts = [_text(embed, "title"), _text(embed, "description"), *fields]
    return "\n".join(text for text in texts if text)


def _dicts(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
