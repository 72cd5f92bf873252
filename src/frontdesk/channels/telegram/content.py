"""A message as text: its own text, with attachments in brackets."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from frontdesk.channels.telegram.media import Media, bracketed
from frontdesk.channels.telegram.wire import Reaction

Raw = dict[str, Any]

_MAX_REACTIONS, _MAX_EMOJI = 4, 32
"""One user can have three reactions to a message; the longest emoji are ten characters."""

_MAX_DEPTH = 50
"""Of a rich message: deeper texts are left out. Telegram nests blocks 16 levels deep."""


def text_of(message: Raw) -> str:
    """The text of a message of the Bot API, such as "[photo] Look at this" or "[sticker 🙂]".

    Empty for a service message: someone has joined, a message was pinned.
    """
    text = string(message.get("text")) or string(message.get("caption"))
    parts = [_media(message), text or _rich_text(mapping(message.get("rich_message")))]
    if not any(parts):
        return ""
    return " ".join(part for part in [*_origin(message), *parts] if part)


def recorded_text(message: Raw) -> str:
    """The text, or "[unsupported]" for content of a kind that is not known here.

    Telegram leaves out what a bot cannot see, so such a message may hold nothing at all.
    """
    text = text_of(message)
    return text if text or _SERVICE & message.keys() else bracketed(Media.UNSUPPORTED)


def reaction_of(reactions: Sequence[Reaction]) -> str:
    """Reactions to a message as one line: the emoji, with a space between each two."""
    return " ".join(filter(None, map(_emoji, reactions[:_MAX_REACTIONS])))


def _emoji(reaction: Reaction) -> str:
    match reaction.type:
        case "custom_emoji":
            return bracketed(Media.CUSTOM_EMOJI, reaction.custom_emoji_id[:_MAX_EMOJI])
        case "paid":
            return "⭐"
        case _:
            return reaction.emoji[:_MAX_EMOJI]


def _origin(message: Raw) -> list[str]:
    """Whose text this is, if not the sender's own."""
    origin = []
    if forwarded := mapping(message.get("forward_origin")):
        origin.append(bracketed(Media.FORWARDED_FROM, origin_name(forwarded)))
    if via := mapping(message.get("via_bot")):
        origin.append(bracketed(Media.VIA, f"@{string(via.get('username'))}"))
    return origin


def origin_name(origin: Raw) -> str:
    if user := mapping(origin.get("sender_user")):
        return full_name(user)
    chat = mapping(origin.get("sender_chat")) or mapping(origin.get("chat"))
    return string(origin.get("sender_user_name")) or string(chat.get("title"))


def _media(message: Raw) -> str:
    for key, describe in _MEDIA.items():
        if key in message:
            return describe(mapping(message[key]))
    return ""


def _rich_text(rich: Raw) -> str:
    """The text of a rich message (Bot API 10.1), a line for each block and each row of a table."""
    lines = "".join(_pieces(rich, 0)).splitlines()
    return "\n".join(filter(None, map(str.rstrip, lines)))


def _pieces(node: object, depth: int) -> Iterator[str]:
    """The texts of a block, or of a text that is made of others."""
    if isinstance(node, str):
        yield node
    elif depth > _MAX_DEPTH:
        return
    elif isinstance(node, list):
        for each in node:
            yield from _pieces(each, depth + 1)
    elif isinstance(node, dict):
        if media := _media(node):
            yield f"{media} "
        for key, end in _RICH_PARTS.items():
            value = node.get(key, [])
            for each in value if end and isinstance(value, list) else [value]:
                yield from _pieces(each, depth + 1)
                yield end
        for row in _items(node.get("cells")):
            cells = ("".join(_pieces(cell, depth + 1)) for cell in _items(row))
            yield f"{' | '.join(cells)}\n"


def _plain(kind: Media) -> Callable[[Raw], str]:
    return lambda _: bracketed(kind)


def _titled(kind: Media, field: str) -> Callable[[Raw], str]:
    return lambda media: bracketed(kind, string(media.get(field)))


def _audio(audio: Raw) -> str:
    song = [string(audio.get(key)) for key in ("performer", "title")]
    return bracketed(Media.AUDIO, " – ".join(filter(None, song)))


def _venue(venue: Raw) -> str:
    return bracketed(
        Media.PLACE, ", ".join(filter(None, map(string, _values(venue, "title address"))))
    )


def _location(location: Raw) -> str:
    kind = Media.LIVE_LOCATION if location.get("live_period") else Media.LOCATION
    point = [str(value) for value in _values(location, "latitude longitude") if _is_number(value)]
    return bracketed(kind, ", ".join(point))


def _contact(contact: Raw) -> str:
    """Only the name: the contact may not want their number recorded here."""
    return bracketed(Media.CONTACT, full_name(contact))


# The first key that a message has decides: a venue also has a location, an animation has a
# document, and a game or paid media may have a photo.
_MEDIA: dict[str, Callable[[Raw], str]] = {
    "sticker": _titled(Media.STICKER, "emoji"),
    "animation": _plain(Media.ANIMATION),
    "voice": _plain(Media.VOICE_MESSAGE),
    "voice_note": _plain(Media.VOICE_MESSAGE),
    "video_note": _plain(Media.VIDEO_MESSAGE),
    "video": _plain(Media.VIDEO),
    "audio": _audio,
    "game": _titled(Media.GAME, "title"),
    "invoice": _titled(Media.INVOICE, "title"),
    "poll": _titled(Media.POLL, "question"),
    "checklist": _titled(Media.CHECKLIST, "title"),
    "giveaway": _plain(Media.GIVEAWAY),
    "giveaway_winners": _plain(Media.GIVEAWAY_RESULTS),
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "paid_media": _plain(Media.PAID_MEDIA),
    "dice": _titled(Media.DICE, "emoji"),
    "story": _plain(Media.STORY),
    "live_photo": _plain(Media.LIVE_PHOTO),
    "photo": _plain(Media.PHOTO),
    "document": _titled(Media.FILE, "file_name"),
}


_RICH_PARTS = {
    "label": " ",
    "summary": "\n",
    "text": "",
    "expression": "",
    "alternative_text": "",
    "button": "",
    "buttons": " ",
    "items": "\n",
    "blocks": "\n",
    "caption": "",
    "credit": "",
}
"""The fields with texts in the parts of a rich message, in their order, and what follows each."""

_SERVICE = frozenset(
    """
    boost_added channel_chat_created chat_background_set chat_owner_changed chat_owner_left
    chat_shared checklist_tasks_added checklist_tasks_done community_chat_added
    community_chat_joined community_chat_removed connected_website delete_chat_photo
    direct_message_price_changed forum_topic_closed forum_topic_created forum_topic_edited
    forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden gift
    gift_upgrade_sent giveaway_completed giveaway_created group_chat_created left_chat_member
    managed_bot_created message_auto_delete_timer_changed migrate_from_chat_id migrate_to_chat_id
    new_chat_members new_chat_photo new_chat_title paid_message_price_changed passport_data
    pinned_message poll_option_added poll_option_deleted proximity_alert_triggered
    refunded_payment successful_payment suggested_post_approval_failed suggested_post_approved
    suggested_post_declined suggested_post_paid suggested_post_refunded supergroup_chat_created
    unique_gift user_shared users_shared video_chat_ended video_chat_participants_invited
    video_chat_scheduled video_chat_started write_access_allowed
    """.split()
)
"""What happens in a chat, but is nobody's message."""


def full_name(person: Raw) -> str:
    return " ".join(filter(None, map(string, _values(person, "first_name last_name"))))


def _values(mapping: Raw, keys: str) -> list[object]:
    return [mapping.get(key) for key in keys.split()]


def mapping(value: object) -> Raw:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
