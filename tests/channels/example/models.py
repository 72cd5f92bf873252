"""The inbox of the channel: its own table, with the columns that every inbox has."""

from typing import ClassVar

import msgspec
from django.db import models

from frontdesk.channels.models import InboxItem
from frontdesk.ledger.events import Event
from tests.channels.example.server import ChatMessage


class ExampleItem(InboxItem):
    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("connection_id", "number"),
                name="example_pending",
                condition=~models.Q(state="done"),
            )
        ]

    def event(self) -> Event:
        message = msgspec.convert(self.payload, ChatMessage)
        return Event(
            platform="example",
            external_id=message.sender,
            role="user",
            time=message.time,
            text=message.text,
            message_id=str(message.number),
        )
