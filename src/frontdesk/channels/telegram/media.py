"""The words in brackets for what is sent beside a text, such as "[photo]".

The Bot API and the exports of Telegram Desktop are two formats of the same messages. Both are read
with these words, so that a history that was imported and goes on here reads as one.
"""

from enum import StrEnum


class Media(StrEnum):
    ANIMATION = "animation"
    AUDIO = "audio"
    CHECKLIST = "checklist"
    CONTACT = "contact"
    DICE = "dice"
    FILE = "file"
    FORWARDED_FROM = "forwarded from"
    GAME = "game"
    GIVEAWAY = "giveaway"
    GIVEAWAY_RESULTS = "giveaway results"
    INVOICE = "invoice"
    LIVE_LOCATION = "live location"
    LOCATION = "location"
    PAID_MEDIA = "paid media"
    PHOTO = "photo"
    PLACE = "place"
    POLL = "poll"
    STICKER = "sticker"
    STORY = "story"
    VIA = "via"
    VIDEO = "video"
    VIDEO_MESSAGE = "video message"
    VOICE_MESSAGE = "voice message"


def bracketed(kind: str, detail: str = "") -> str:
    """The words for one thing, with its name or title, on one line."""
    line = " ".join(detail.split())[:300]
    return f"[{kind} {line}]" if line else f"[{kind}]"
