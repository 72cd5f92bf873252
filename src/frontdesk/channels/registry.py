"""The registered channels, in the order in which pages show them."""

import uuid
from collections.abc import Collection

from frontdesk.agents.models import Agent
from frontdesk.channels.base import Channel, Connection
from frontdesk.core import platforms

_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Register a channel and its platform."""
    platforms.register(channel.platform)
    _channels[channel.key] = channel


def unregister(key: str) -> None:
    platforms.unregister(key)
    _channels.pop(key, None)


def all_channels() -> list[Channel]:
    return list(_channels.values())


def find_channel(key: str) -> Channel | None:
    return _channels.get(key)


def connections_by_agent(
    agent_ids: Collection[uuid.UUID],
) -> dict[uuid.UUID, list[tuple[Channel, Connection]]]:
    """The open channels of each of these agents, with one statement for each channel."""
    found: dict[uuid.UUID, list[tuple[Channel, Connection]]] = {id_: [] for id_ in agent_ids}
    for channel in all_channels():
        for id_, connection in channel.connections(agent_ids).items():
            found[id_].append((channel, connection))
    return found


def open_channels(agent: Agent, *, besides: str = "") -> list[tuple[Channel, Connection]]:
    """The agent's open channels except the one whose key is `besides`."""
    found = connections_by_agent([agent.id])[agent.id]
    return [each for each in found if each[0].key != besides]


def greeting_of(agent: Agent) -> str:
    """The agent's greeting, from the first channel that has one."""
    return next(filter(None, (channel.greeting(agent) for channel in all_channels())), "")
