"""The other side: a chat server in memory, with one room for each agent."""

import datetime as dt
import itertools
import uuid

import msgspec


class ChatMessage(msgspec.Struct):
    number: int
    sender: str
    text: str
    time: dt.datetime


class Room:
    """Offers a message until it is confirmed, and accepts what is sent to a person."""

    def __init__(self, agent_id: uuid.UUID) -> None:
        self.id = uuid.uuid5(agent_id, "room")
        self.agent_id = agent_id
        self.offered: list[ChatMessage] = []
        self.sent: list[tuple[str, str]] = []
        self.is_down = False
        self._numbers = itertools.count(1)

    def say(self, sender: str, text: str) -> None:
        now = dt.datetime.now(dt.UTC)
        self.offered.append(ChatMessage(next(self._numbers), sender, text, now))

    def confirm(self, messages: list[ChatMessage]) -> None:
        self.offered = [message for message in self.offered if message not in messages]

    def send(self, recipient: str, text: str) -> None:
        if self.is_down:
            raise ConnectionError("the chat server is down")
        self.sent.append((recipient, text))
