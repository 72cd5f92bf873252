"""What a message says, as text: its words, and in brackets what was sent beside them.

The same words as `imports.telegram.content` uses for exports, so that a history reads as one.
"""

from collections.abc import Callable
from typing import Any

Raw = dict[str, Any]


def text_of(message: Raw) -> str:
    """The text of a message of the Bot API, such as "[photo] Look at this" or "[sticker 🙂]".

    Empty for a service message: somebody has joined, a message was pinned.
    """
    said = [_media(message), _string(message.get("text")) or _string(message.get("caption"))]
    if not any(said):
        return ""
    return " ".join(part for part in [*_origin(message), *said] if part)


def _origin(message: Raw) -> list[str]:
    """Whose words these are, if not the sender's own."""
    origin = []
    if forwarded := _mapping(message.get("forward_origin")):
        origin.append(_bracketed("forwarded from", _origin_name(forwarded)))
    if via := _mapping(message.get("via_bot")):
        origin.append(_bracketed("via", f"@{_string(via.get('username'))}"))
    return origin


def _origin_name(origin: Raw) -> str:
    if user := _mapping(origin.get("sender_user")):
        return _full_name(user)
    chat = _mapping(origin.get("sender_chat")) or _mapping(origin.get("chat"))
    return _string(origin.get("sender_user_name")) or _string(chat.get("title"))


def _media(message: Raw) -> str:
    for key, describe in _MEDIA.items():
        if key in message:
            return describe(_mapping(message[key]))
    return ""


def _plain(kind: str) -> Callable[[Raw], str]:
    return lambda _: _bracketed(kind)


def _titled(kind: str, field: str) -> Callable[[Raw], str]:
    return lambda media: _bracketed(kind, _string(media.get(field)))


def _audio(audio: Raw) -> str:
    song = [_string(audio.get(key)) for key in ("performer", "title")]
    return _bracketed("audio", " – ".join(filter(None, song)))


def _venue(venue: Raw) -> str:
    return _bracketed(
        "place", ", ".join(filter(None, map(_string, _values(venue, "title address"))))
    )


def _location(location: Raw) -> str:
    kind = "live location" if location.get("live_period") else "location"
    point = [str(value) for value in _values(location, "latitude longitude") if _is_number(value)]
    return _bracketed(kind, ", ".join(point))


def _contact(contact: Raw) -> str:
    """The name alone: whose number it is may not want it kept here."""
    return _bracketed("contact", _full_name(contact))


# The first key that a message has tells what it is: a venue has a location, too, an animation a
# document, and a game or paid media may have a photo.
_MEDIA: dict[str, Callable[[Raw], str]] = {
    "sticker": _titled("sticker", "emoji"),
    "animation": _plain("animation"),
    "voice": _plain("voice message"),
    "video_note": _plain("video message"),
    "video": _plain("video"),
    "audio": _audio,
    "game": _titled("game", "title"),
    "invoice": _titled("invoice", "title"),
    "poll": _titled("poll", "question"),
    "checklist": _titled("checklist", "title"),
    "giveaway": _plain("giveaway"),
    "giveaway_winners": _plain("giveaway results"),
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "paid_media": _plain("paid media"),
    "dice": _titled("dice", "emoji"),
    "story": _plain("story"),
    "photo": _plain("photo"),
    "document": _titled("file", "file_name"),
}


def _full_name(person: Raw) -> str:
    return " ".join(filter(None, map(_string, _values(person, "first_name last_name"))))


def _values(mapping: Raw, keys: str) -> list[object]:
    return [mapping.get(key) for key in keys.split()]


def _mapping(value: object) -> Raw:
    return value if isinstance(value, dict) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bracketed(kind: str, detail: str = "") -> str:
    line = " ".join(detail.split())[:300]
    return f"[{kind} {line}]" if line else f"[{kind}]"
