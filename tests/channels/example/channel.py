"""The channel's description, for the rest of Frontdesk."""

import uuid
from collections.abc import Collection

from frontdesk.channels.base import Capabilities, Channel, Connection
from frontdesk.channels.runner import ChannelRunner
from frontdesk.channels.timing import Timing
from frontdesk.core.platforms import Platform
from tests.channels.example.adapter import MAX_LENGTH, ExampleService
from tests.channels.example.server import Room


class ExampleChannel(Channel):
    platform = Platform("example", "Example chat", "messages", vouches_for_ids=True)
    name = "Example chat"
    icon = "messages"
    capabilities = Capabilities(markdown=False, max_length=MAX_LENGTH)

    def __init__(self, timing: Timing | None = None) -> None:
        self.rooms: dict[uuid.UUID, Room] = {}
        self._timing = timing

    def connections(self, agent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Connection]:
        return {
            id_: Connection("Room 7", "running", link="https://chat.example/?token=")
            for id_ in agent_ids
            if id_ in self.rooms
        }

    def make_runner(self, owner: uuid.UUID) -> ChannelRunner:
        return ChannelRunner(ExampleService(self.rooms), owner, self._timing)
