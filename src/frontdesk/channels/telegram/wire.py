"""The parts of Telegram's updates that are read, as the Bot API sends them."""

from typing import Annotated, Any

import msgspec

_MAX_ID = 2**62
Big = Annotated[int, msgspec.Meta(ge=-_MAX_ID, lt=_MAX_ID)]
Time = Annotated[int, msgspec.Meta(ge=0, lt=2**37)]


def id_of(value: object) -> int | None:
    """An id in JSON that was not converted; None for anything else."""
    return value if isinstance(value, int) and abs(value) < _MAX_ID else None


class User(msgspec.Struct):
    id: Big
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_premium: bool = False


class Chat(msgspec.Struct):
    id: Big
    type: str


class Entity(msgspec.Struct):
    type: str
    offset: int
    length: int
    user: User | None = None


class Replied(msgspec.Struct):
    from_: User | None = msgspec.field(name="from", default=None)
    forum_topic_created: dict[str, Any] | None = None


class Message(msgspec.Struct):
    message_id: Big
    date: Time
    chat: Chat
    from_: User | None = msgspec.field(name="from", default=None)
    sender_chat: dict[str, Any] | None = None
    is_automatic_forward: bool = False
    edit_date: Time | None = None
    is_topic_message: bool = False
    message_thread_id: Big | None = None
    reply_to_message: Replied | None = None
    media_group_id: str = ""
    forward_origin: dict[str, Any] | None = None
    text: str = ""
    caption: str = ""
    entities: list[Entity] = []
    caption_entities: list[Entity] = []


class Member(msgspec.Struct):
    status: str


class Membership(msgspec.Struct):
    chat: Chat
    date: Time
    new_chat_member: Member
    from_: User = msgspec.field(name="from")


class Stopped(msgspec.Struct):
    """The person has stopped an answer whose draft they saw; only in private chats."""

    chat: Chat
    draft_id: Big


class Reaction(msgspec.Struct):
    type: str
    emoji: str = ""
    custom_emoji_id: str = ""


class Reacted(msgspec.Struct):
    """A user has changed their reactions to a message. Anonymous ones have no user."""

    chat: Chat
    message_id: Big
    date: Time
    new_reaction: list[Reaction]
    user: User | None = None


class Update(msgspec.Struct):
    message: Message | None = None
    edited_message: Message | None = None
    my_chat_member: Membership | None = None
    stopped_message_generation: Stopped | None = None
    message_reaction: Reacted | None = None
