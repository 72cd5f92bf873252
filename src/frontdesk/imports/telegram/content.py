"""A message as text: its own text, with attachments in brackets."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from frontdesk.channels.telegram.media import Media, bracketed

_MEDIA_TYPES = {
    "video_file": Media.VIDEO,
    "audio_file": Media.AUDIO,
}
"""Labels of `media_type`s; for the others, _ is replaced with a space."""


def text_of(message: dict[str, Any]) -> str:
    """The text of a message, such as "[photo] Look at this" or "[sticker 🙂]"."""
    parts = [*_origin(message), _media(message), _own_text(message)]
    return " ".join(part for part in parts if part)


def _own_text(message: dict[str, Any]) -> str:
    """`text`: a string, or a list of strings and entities; some files lack it.

    White space stays as the person wrote it.
    """
    return _joined(message.get("text")) or _joined(message.get("text_entities"))


def _joined(text: object) -> str:
    return "".join(map(_piece, text)) if isinstance(text, list) else _piece(text)


def _piece(piece: object) -> str:
    text = piece.get("text") if isinstance(piece, dict) else piece
    if isinstance(text, str):
        return text
    return str(text) if isinstance(text, int | Decimal) and not isinstance(text, bool) else ""


def _origin(message: dict[str, Any]) -> list[str]:
    """Whose text this is, if not the sender's own."""
    origin = []
    if message.get("forwarded_from") or message.get("forwarded_from_id"):
        origin.append(_bracketed(Media.FORWARDED_FROM, message.get("forwarded_from")))
    if message.get("via_bot"):
        origin.append(_bracketed(Media.VIA, message["via_bot"]))
    return origin


def _media(message: dict[str, Any]) -> str:
    if isinstance(message.get("media_type"), str):
        return _of_media_type(message, message["media_type"])
    for key, describe in _MEDIA.items():
        if key in message:
            return describe(message)
    return ""


def _of_media_type(message: dict[str, Any], media_type: str) -> str:
    name = _MEDIA_TYPES.get(media_type, media_type.replace("_", " "))
    if media_type == "sticker":
        return _bracketed(name, message.get("sticker_emoji"))
    if media_type == "audio_file":
        song = [_line(message.get(key)) for key in ("performer", "title")]
        return _bracketed(name, " – ".join(filter(None, song)))
    return _bracketed(name)


def _location(message: dict[str, Any]) -> str:
    place = message.get("location_information")
    kind = Media.LOCATION
    if "live_location_period_seconds" in message:
        kind = Media.LIVE_LOCATION
    if not isinstance(place, dict):
        return _bracketed(kind)
    point = [_line(place.get(key)) for key in ("latitude", "longitude")]
    return _bracketed(kind, ", ".join(filter(None, point)))


def _place(message: dict[str, Any]) -> str:
    place = [_line(message.get(key)) for key in ("place_name", "address")]
    return _bracketed(Media.PLACE, ", ".join(filter(None, place)))


def _contact(message: dict[str, Any]) -> str:
    """Only the name: the owner of the number may not want it stored here."""
    contact = message.get("contact_information")
    if not isinstance(contact, dict):
        return _bracketed(Media.CONTACT)
    names = [_line(contact.get(key)) for key in ("first_name", "last_name")]
    return _bracketed(Media.CONTACT, " ".join(filter(None, names)))


def _titled(kind: Media, key: str, field: str = "") -> Callable[[dict[str, Any]], str]:
    """Describes by message[key], or by message[key][field]."""

    def describe(message: dict[str, Any]) -> str:
        value = message[key]
        if field:
            value = value.get(field) if isinstance(value, dict) else None
        return _bracketed(kind, value)

    return describe


# The first of these keys that a message has decides: a place also has a location, and a game has a
# photo.
_MEDIA: dict[str, Callable[[dict[str, Any]], str]] = {
    "game_title": _titled(Media.GAME, "game_title"),
    "invoice_information": _titled(Media.INVOICE, "invoice_information", "title"),
    "poll": _titled(Media.POLL, "poll", "question"),
    "todo_list": _titled(Media.CHECKLIST, "todo_list", "title"),
    "giveaway_information": lambda _: _bracketed(Media.GIVEAWAY),
    "giveaway_results": lambda _: _bracketed(Media.GIVEAWAY_RESULTS),
    "place_name": _place,
    "location_information": _location,
    "contact_information": _contact,
    "paid_stars_amount": lambda _: _bracketed(Media.PAID_MEDIA),
    "photo": lambda _: _bracketed(Media.PHOTO),
    "file": lambda message: _bracketed(Media.FILE, message.get("file_name")),
}


def _bracketed(kind: str, detail: object = "") -> str:
    return bracketed(kind, _line(detail))


def _line(value: object) -> str:
    """A short text on one line. In newer versions, polls and lists may have entities."""
    return " ".join(_joined(value).split())[:300]
