"""The interface of a channel: everything that the rest of Frontdesk asks about it."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from django.utils.functional import Promise

from frontdesk.agents.models import Agent
from frontdesk.core.platforms import Platform

Label = str | Promise
"""A text in the reader's language."""


@dataclass(frozen=True)
class Capabilities:
    """What one message of the channel can show. `max_length` is in characters; None is no limit."""

    markdown: bool
    buttons: bool = False
    max_length: int | None = None


@dataclass(frozen=True)
class Connection:
    """One agent's connection to a channel, as pages show it. A closed channel has none.

    `page` is where people talk to the agent, on this server. `link` is the address that links a
    person, to which a one-time token is appended. It starts with "/" if it is on this server.
    """

    title: Label
    status: Label
    link: str
    page: str = ""
    is_running: bool = True
    has_failed: bool = False

    def link_url(self, origin: str, token: str) -> str:
        """The address to open with a link token; "" if this server's own origin is not known."""
        if self.link.startswith("/"):
            return f"{origin}{self.link}{token}" if origin else ""
        return f"{self.link}{token}"


class Runner(Protocol):
    """What a channel runs in `frontdesk worker`, beside the tasks."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


Job = Callable[[], None]


class Channel(ABC):
    """One way for people to talk to agents. Register an instance in `AppConfig.ready()`."""

    platform: ClassVar[Platform]
    """Its key is also the channel's. It says what the channel vouches for."""
    name: ClassVar[Label]
    icon: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    urlconf: ClassVar[str] = ""
    """The module with the channel's public addresses."""

    @property
    def key(self) -> str:
        return self.platform.key

    @abstractmethod
    def connections(self, agent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Connection]:
        """The connections of those agents for which the channel is open, in one statement."""

    def connection_of(self, agent: Agent) -> Connection | None:
        return self.connections([agent.id]).get(agent.id)

    def greeting(self, agent: Agent) -> str:
        """What people read before their first message, if the channel has such a text."""
        return ""

    def make_runner(self, owner: uuid.UUID) -> Runner | None:
        """What the worker runs for the channel. `owner` is the worker's id in leases."""
        return None

    def nightly_jobs(self) -> Sequence[Job]:
        return ()
