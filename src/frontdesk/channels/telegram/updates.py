"""Parses Telegram's updates, and selects those that are for the agent.

These are people's messages, their edits, and whether a person has blocked the bot. In a group, only
messages addressed to the bot: the others are private and are not even stored.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from frontdesk.channels.telegram import wire
from frontdesk.channels.telegram.content import mapping, reaction_of, recorded_text
from frontdesk.channels.telegram.dialogues import Dialogue
from frontdesk.channels.telegram.quoting import context_of
from frontdesk.core.text import storable
from frontdesk.ledger.events import MAX_TEXT, Event

ALLOWED = (
    "message",
    "edited_message",
    "my_chat_member",
    "stopped_message_generation",
    "message_reaction",
)
"""The kinds of updates that are requested from Telegram."""
PLATFORM = "telegram"
LONG = 2048
"""UTF-16 units. A client that cuts a text at 4,096 looks for a good place in the second half."""
SOON = 2
"""Seconds between the parts of a text, by Telegram's clock, which has no fractions."""

MAX_ALBUM = 100
ANONYMOUS_ADMIN = 1087968824
"""Telegram's id for whoever writes as the group; here also for whoever writes as a channel."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")
_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w{1,64}))?(?:\s+(.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Me:
    """The bot as Telegram knows it."""

    id: int
    username: str


class Incoming(msgspec.Struct, omit_defaults=True):
    """One update with all that is needed to handle it, as the inbox stores it.

    `text` is what is recorded. The backend reads `context`, which is what the message replies to,
    and `asked`, which is the text without the bot's mention.
    `origin` is the id that the group had before it became a supergroup; the dialogue keeps it.
    `album` is the album that it is a part of, and `parts` are the messages after it that belong to
    the same thought: see thoughts.py.
    `is_member` belongs to memberships: False if the person has blocked the bot. A "stop" ends the
    answer to `message`. A "reaction" is to the bot's `message`, and `text` has all of the user's.
    """

    kind: Literal["message", "edit", "membership", "unnamed", "stop", "reaction"]
    user: wire.Big
    chat: wire.Big
    time: wire.Time
    message: wire.Big = 0
    name: str = ""
    username: str = ""
    language: str = ""
    is_premium: bool = False
    is_private: bool = False
    origin: wire.Big | None = None
    thread: int | None = None
    edited: wire.Time | None = None
    attempt: int = 1
    text: str = ""
    asked: str = ""
    context: str = ""
    album: str = ""
    is_text: bool = False
    parts: list["Incoming"] = []
    command: str = ""
    argument: str = ""
    is_member: bool = True

    @property
    def external_id(self) -> str:
        return str(self.user)

    @property
    def dialogue(self) -> Dialogue:
        return Dialogue(str(self.chat if self.origin is None else self.origin), self.thread)

    @property
    def lane(self) -> str:
        """The items of one lane are answered one by one: those of one person in one dialogue."""
        if self.kind == "stop":  # it must not wait for the answer that it ends
            return f"stop:{self.chat}"
        return str(self.dialogue) if self.is_private else f"{self.dialogue}:{self.user}"

    @property
    def question(self) -> str:
        """What the backend reads, if that differs from the text."""
        asked = self.asked or (self.text if self.context or self.parts else "")
        whole = "\n".join([asked, *(part.asked or part.text for part in self.parts)])
        return f"{self.context}\n\n{whole}" if self.context else whole

    @property
    def last(self) -> "Incoming":
        return self.parts[-1] if self.parts else self

    @property
    def may_go_on(self) -> bool:
        """Whether another part may follow. Clients cut long texts, preferably between lines."""
        return bool(self.album) or (self.is_text and len(self.text.encode("utf-16-le")) > 2 * LONG)

    def goes_on_with(self, later: "Incoming") -> bool:
        """Whether `later`, which comes right after this message, is the next part of it."""
        if self.album or later.album:
            return self.album == later.album
        is_soon = 0 <= later.time - self.time <= SOON
        return self.may_go_on and later.is_text and is_soon and not later.command

    @property
    def at(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.time, dt.UTC)

    @property
    def digest(self) -> str:
        """Tells this update from another one with the same number."""
        held = (self.kind, self.user, self.chat, self.message, self.time, self.edited, self.text)
        return hashlib.sha256(msgspec.json.encode(held)).hexdigest()[:16]

    def event(self, **changes: Any) -> Event:
        """The message as the ledger records it, with the same ids as the importer makes."""
        fields: dict[str, Any] = {
            "platform": PLATFORM,
            "external_id": self.external_id,
            "role": "user",
            "time": self.at,
            "text": self.text,
            "message_id": f"{self.chat}:{self.message}",
            "chat": "" if self.is_private and self.thread is None else str(self.dialogue),
            "name": self.name or None,
            "username": self.username,
            "language": self.language or None,
            "attributes": {"premium": self.is_premium},
        }
        if self.edited is not None:
            edited_at = dt.datetime.fromtimestamp(max(self.edited, self.time), dt.UTC)
            fields["edited_at"] = edited_at
        return Event(**{**fields, **changes})


Follows = Callable[[Incoming], bool]


def _never(_: Incoming) -> bool:
    return False


@dataclass(frozen=True)
class Known:
    """What earlier updates say about this one.

    `goes_on` says whether a message of a group is a further part of one for the agent. `origins`
    are the ids that supergroups had as groups.
    """

    goes_on: Follows = _never
    origins: Mapping[int, int] = field(default_factory=dict)


def number_of(raw: object) -> int | None:
    """Telegram's id of an update, even of one that is otherwise unreadable."""
    return wire.id_of(mapping(raw).get("update_id"))


NOTHING_KNOWN = Known()


def group_of(raw: dict[str, Any]) -> int | None:
    """The id of the group that an update comes from, if it does."""
    kinds = ("message", "edited_message", "message_reaction")
    found = next(filter(None, (mapping(raw.get(kind)) for kind in kinds)), {})
    chat = wire.id_of(mapping(found.get("chat")).get("id"))
    return chat if chat is not None and chat < 0 else None


def read(raw: dict[str, Any], me: Me, known: Known = NOTHING_KNOWN) -> Incoming | None:
    """The update, or None if it is not for the agent. Raises msgspec.ValidationError."""
    update = msgspec.convert(raw, wire.Update)
    if update.message is not None:
        return _message(update.message, raw["message"], me, known)
    if update.edited_message is not None:
        return _edit(update.edited_message, raw["edited_message"], me, known)
    if update.stopped_message_generation is not None:
        return _stop(update.stopped_message_generation)
    if update.message_reaction is not None:
        return _reaction(update.message_reaction, known)
    return _membership(update.my_chat_member) if update.my_chat_member is not None else None


def _message(message: wire.Message, raw: dict[str, Any], me: Me, known: Known) -> Incoming | None:
    incoming = _incoming("message", message, raw, me, known)
    if incoming is None:
        return None
    mentions = _mentions_in(message, me)
    command = _COMMAND.fullmatch(message.text)
    is_for_another = bool(command and command[2] and command[2].lower() != me.username.lower())
    if not incoming.is_private:
        is_ours = command is not None and not is_for_another
        is_meant = is_ours or mentions or _replies_to(message, me) or known.goes_on(incoming)
        if is_for_another or not is_meant:
            return None
    if incoming.kind == "unnamed":
        return incoming
    if command and not is_for_another:
        incoming.command = command[1].lower()
        incoming.argument = storable((command[3] or "").strip())
    _leave_out(mentions, message, incoming)
    if command and command[2] and not mentions:
        incoming.asked = f"/{command[1]} {incoming.argument}".strip()
    return incoming


def _mentions_in(message: wire.Message, me: Me) -> list[wire.Entity]:
    text = message.text or message.caption
    return _mentions(text, message.entities or message.caption_entities, me)


def _leave_out(mentions: list[wire.Entity], message: wire.Message, incoming: Incoming) -> None:
    """Take the bot's mentions from what the backend reads."""
    if mentions:
        text = message.text or message.caption
        asked = storable(_without(text, mentions))
        incoming.asked = incoming.text.replace(storable(text), asked)[:MAX_TEXT]


def _edit(message: wire.Message, raw: dict[str, Any], me: Me, known: Known) -> Incoming | None:
    # It was addressed to the bot if the message was recorded, which is checked later.
    incoming = _incoming("edit", message, raw, me, known)
    if incoming is not None and incoming.kind == "unnamed":
        return None
    if incoming is not None:
        incoming.edited = message.edit_date or message.date
        _leave_out(_mentions_in(message, me), message, incoming)
    return incoming


def _stop(stopped: wire.Stopped) -> Incoming | None:
    if stopped.chat.type != "private":
        return None
    chat, now = stopped.chat.id, int(dt.datetime.now(dt.UTC).timestamp())
    return Incoming("stop", chat, chat, now, message=stopped.draft_id, is_private=True)


def _reaction(reacted: wire.Reacted, known: Known) -> Incoming | None:
    # Whether it is to an answer of ours is checked later.
    if reacted.user is None or reacted.user.is_bot:
        return None
    return Incoming(
        kind="reaction",
        user=reacted.user.id,
        chat=reacted.chat.id,
        time=reacted.date,
        message=reacted.message_id,
        is_private=reacted.chat.type == "private",
        origin=known.origins.get(reacted.chat.id),
        text=storable(reaction_of(reacted.new_reaction)),
    )


def _membership(membership: wire.Membership) -> Incoming | None:
    if membership.chat.type != "private" or membership.from_.is_bot:
        return None
    return Incoming(
        kind="membership",
        user=membership.from_.id,
        chat=membership.chat.id,
        time=membership.date,
        is_private=True,
        is_member=membership.new_chat_member.status not in ("kicked", "left"),
    )


def _incoming(
    kind: Literal["message", "edit"],
    message: wire.Message,
    raw: dict[str, Any],
    me: Me,
    known: Known,
) -> Incoming | None:
    """The message, if a person wrote it and it has content."""
    sender = message.from_
    if message.sender_chat is not None:
        return _unnamed(message)
    if sender is None or sender.is_bot:
        return None
    if message.chat.type not in ("private", "group", "supergroup"):
        return None
    text = storable(recorded_text(raw))[:MAX_TEXT]
    if not text:
        return None
    return Incoming(
        kind=kind,
        user=sender.id,
        chat=message.chat.id,
        time=message.date,
        message=message.message_id,
        name=storable(f"{sender.first_name} {sender.last_name}".strip())[:255],
        username=storable(sender.username)[:255],
        language=sender.language_code if _LANGUAGE.fullmatch(sender.language_code) else "",
        is_premium=sender.is_premium,
        is_private=message.chat.type == "private",
        origin=known.origins.get(message.chat.id),
        # Replies outside forums have a thread too, but nothing can be sent to it.
        thread=message.message_thread_id if message.is_topic_message else None,
        text=text,
        context=storable(context_of(raw, me.id)),
        album=message.media_group_id[:MAX_ALBUM],
        is_text=bool(message.text) and message.forward_origin is None,
    )


def _unnamed(message: wire.Message) -> Incoming | None:
    """By an anonymous admin, or as a channel; posts of the group's own channel are no questions."""
    if message.is_automatic_forward or message.chat.type not in ("group", "supergroup"):
        return None
    return Incoming(
        kind="unnamed",
        user=ANONYMOUS_ADMIN,
        chat=message.chat.id,
        time=message.date,
        message=message.message_id,
        thread=message.message_thread_id if message.is_topic_message else None,
    )


def _replies_to(message: wire.Message, me: Me) -> bool:
    replied = message.reply_to_message
    # Every message in a topic "replies" to the message that created the topic.
    is_real = replied is not None and replied.forum_topic_created is None
    return bool(is_real and replied and replied.from_ and replied.from_.id == me.id)


def _mentions(text: str, entities: Sequence[wire.Entity], me: Me) -> list[wire.Entity]:
    """Where the bot is mentioned."""
    found = []
    for entity in entities:
        named = (
            entity.type == "mention" and _slice(text, entity).lower() == f"@{me.username}".lower()
        )
        meant = entity.type == "text_mention" and entity.user and entity.user.id == me.id
        if named or meant:
            found.append(entity)
    return found


def _slice(text: str, entity: wire.Entity) -> str:
    start, end = _span(text, entity)
    return text[start:end]


def _without(text: str, entities: Sequence[wire.Entity]) -> str:
    for start, end in sorted((_span(text, entity) for entity in entities), reverse=True):
        text = f"{text[:start].rstrip()} {text[end:].lstrip()}"
    return text.strip(" ,:")


def _span(text: str, entity: wire.Entity) -> tuple[int, int]:
    """Where an entity is in the text. Telegram counts in UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    ends = (entity.offset, entity.offset + entity.length)
    start, end = (len(units[: 2 * max(0, n)].decode("utf-16-le", "ignore")) for n in ends)
    return start, end
