"""Converts the messages of a chat to events."""

from typing import Any

from frontdesk.channels.telegram.dialogues import Dialogue
from frontdesk.imports.addressees import Addressees
from frontdesk.imports.errors import Skipped, shorten
from frontdesk.imports.people import Person
from frontdesk.imports.telegram.content import text_of
from frontdesk.imports.telegram.reader import Chat, Position
from frontdesk.imports.telegram.senders import sender_of
from frontdesk.imports.telegram.sides import Sides
from frontdesk.imports.telegram.survey import SurveyedChat
from frontdesk.imports.telegram.times import Clock
from frontdesk.imports.telegram.topics import Topics
from frontdesk.ledger.events import Event, Role, parse


class ChatConverter:
    """Converts the messages of one chat, in the file's order, to events.

    In a private chat all messages belong to its one end user. In a group, a user's message belongs
    to that user, and the agent's message to its addressee.
    """

    def __init__(self, surveyed: SurveyedChat, sides: Sides, clock: Clock) -> None:
        self._surveyed = surveyed
        self._sides = sides
        self._clock = clock
        self._scope = scope_of(surveyed.chat, sides.is_group)
        self._addressees = Addressees()
        self._topics = Topics()

    def convert(self, position: Position, message: Any) -> Event:
        """Raises Skipped, or EventError for an invalid message."""
        if self._sides.skip:
            raise Skipped(self._sides.skip)
        if not isinstance(message, dict):
            raise Skipped("not a message")
        topic = self._topics.find(position.id, message)
        _check_type(message)
        sender = sender_of(message)
        if sender is None:
            raise Skipped("from a group or channel" if message.get("from_id") else "no sender")
        user, role = self._user_and_role(self._surveyed.identify(sender), message)
        sent_at = self._clock.sent_at(message)
        event = parse(
            {
                "platform": "telegram",
                "externalId": user.id,
                "role": role,
                "time": sent_at,
                "editedAt": self._clock.edited_at(message, sent_at),
                "text": text_of(message),
                "messageId": f"{self._scope}:{position.id}",
                "chat": self._dialogue(topic),
                "name": user.name or None,
            }
        )
        if self._sides.is_group:
            self._addressees.remember(position.id, user.id)
        return event

    def _dialogue(self, topic: int | None) -> str:
        """As the channel names it: a private chat outside of topics has no name."""
        has_name = self._sides.is_group or topic is not None
        return str(Dialogue(self._scope, topic)) if has_name else ""

    def _user_and_role(self, sender: Person, message: dict[str, Any]) -> tuple[Person, Role]:
        is_agent = sender.id in self._sides.agents
        if self._sides.is_group:
            return (self._addressee(message), "agent") if is_agent else (sender, "user")
        user = self._sides.user
        if user is None:
            raise Skipped("the file does not say who the user is")
        if is_agent:
            return user, "agent"
        if sender.id != user.id:
            raise Skipped("from neither side of the private chat")
        return user, "user"

    def _addressee(self, message: dict[str, Any]) -> Person:
        """The user that the agent's message in a group answers."""
        peer = message.get("reply_to_peer_id")  # another chat, whose ids have no meaning here
        replied = message.get("reply_to_message_id") if not peer else None
        id_ = str(replied) if isinstance(replied, int | str) else ""
        return Person(self._addressees.addressee(id_), "")


def _check_type(message: dict[str, Any]) -> None:
    match message.get("type", "message"):
        case "message":
            pass
        case "service":
            raise Skipped("service message")
        case "unsupported":
            raise Skipped("unsupported by the Telegram Desktop that exported it")
        case other:
            raise Skipped(f"unknown type {shorten(other)}" if isinstance(other, str) else "no type")


def scope_of(chat: Chat, is_group: bool) -> str:
    """The chat's id as bots see it, so that a bot's later reports get the same message ids."""
    if not chat.id:
        return f"name:{chat.name}"
    if is_group and chat.id.isdecimal():
        return f"-100{chat.id}" if "supergroup" in chat.type else f"-{chat.id}"
    return chat.id
