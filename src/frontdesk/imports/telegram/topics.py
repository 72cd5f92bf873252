"""The topics of a chat, as an export has them.

A service message begins a topic, and its id is the topic's. What is written in the topic replies to
that message, or to another one of the topic.
"""

from collections import OrderedDict
from typing import Any

MAX_REMEMBERED = 50_000
"""How many messages in topics are remembered, for replies to them; topics are remembered too."""


class Topics:
    def __init__(self) -> None:
        self._begun: set[str] = set()
        self._topics: OrderedDict[str, str] = OrderedDict()

    def find(self, id_: str, message: dict[str, Any]) -> int | None:
        """The topic of the chat's next message; None if it is in none."""
        if message.get("action") == "topic_created":
            if len(self._begun) < MAX_REMEMBERED:
                self._begun.add(id_)
            return None
        replied = _replied(message)
        topic = replied if replied in self._begun else self._topics.get(replied)
        if topic is None:
            return None
        self._topics[id_] = topic
        if len(self._topics) > MAX_REMEMBERED:
            self._topics.popitem(last=False)
        return int(topic) if topic.isdecimal() else None


def _replied(message: dict[str, Any]) -> str:
    """The message of the same chat that this one replies to, if any."""
    replied = message.get("reply_to_message_id")
    is_id = isinstance(replied, int | str) and not message.get("reply_to_peer_id")
    return str(replied) if is_id else ""
