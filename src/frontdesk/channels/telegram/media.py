"""The labels in brackets for attachments, such as "[photo]".

The Bot API and the exports of Telegram Desktop are two formats of the same messages. Both use these
labels, so that an imported history and the messages after it read the same.
"""

from enum import StrEnum


class Media(StrEnum):
    ANIMATION = "animation"
    AUDIO = "audio"
    CHECKLIST = "checklist"
    CONTACT = "contact"
    CUSTOM_EMOJI = "custom emoji"
    DICE = "dice"
    FILE = "file"
    FORWARDED_FROM = "forwarded from"
    GAME = "game"
    GIVEAWAY = "giveaway"
    GIVEAWAY_RESULTS = "giveaway results"
    INVOICE = "invoice"
    LIVE_PHOTO = "live photo"
    LIVE_LOCATION = "live location"
    LOCATION = "location"
    PAID_MEDIA = "paid media"
    PHOTO = "photo"
    PLACE = "place"
    POLL = "poll"
    STICKER = "sticker"
    STORY = "story"
    UNSUPPORTED = "unsupported"
    VIA = "via"
    VIDEO = "video"
    VIDEO_MESSAGE = "video message"
    VOICE_MESSAGE = "voice message"


def bracketed(kind: str, detail: str = "") -> str:
    """The label of one attachment, with its name or title, on one line."""
    line = " ".join(detail.split())[:300]
    return f"[{kind} {line}]" if line else f"[{kind}]"
