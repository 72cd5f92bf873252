"""What a channel is: everything that the rest of Frontdesk asks about it."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from django.utils.functional import Promise

from frontdesk.agents.models import Agent
from frontdesk.core.platforms import Platform

Label = str | Promise
"""A text in the language of whoever reads it."""


@dataclass(frozen=True)
class Capabilities:
    """What one message of the channel can show. `max_length` is in characters; None: no limit."""

    markdown: bool
    buttons: bool = False
    max_length: int | None = None


@dataclass(frozen=True)
class Connection:
    """The place of one agent in a channel, as pages show it. A closed channel has none.

    `page` is where people talk to the agent, on this server. `link` links a person: a one-time
    token is appended to it. It begins with "/" where it is on this server.
    """

    title: Label
    status: Label
    link: str
    page: str = ""
    is_running: bool = True
    has_failed: bool = False

    def link_url(self, origin: str, token: str) -> str:
        """The address to open with a link token; "" where this server's own origin is not known."""
        if self.link.startswith("/"):
            return f"{origin}{self.link}{token}" if origin else ""
        return f"{self.link}{token}"


class Runner(Protocol):
    """What a channel has run beside the tasks of `frontdesk worker`."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


Job = Callable[[], None]


class Channel(ABC):
    """One way in which people talk to agents. Register an instance in `AppConfig.ready()`."""

    platform: ClassVar[Platform]
    """Its key is the channel's. It says what the channel vouches for."""
    name: ClassVar[Label]
    icon: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    urlconf: ClassVar[str] = ""
    """The module of the addresses that the public calls."""

    @property
    def key(self) -> str:
        return self.platform.key

    @abstractmethod
    def connections(self, agent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Connection]:
        """The connections of those agents for which the channel is open, by one statement."""

    def connection_of(self, agent: Agent) -> Connection | None:
        return self.connections([agent.id]).get(agent.id)

    def greeting(self, agent: Agent) -> str:
        """What people read before their first message, if the channel has such a text."""
        return ""

    def make_runner(self, owner: uuid.UUID) -> Runner | None:
        """What the worker runs for the channel. `owner` is the worker's name in leases."""
        return None

    def nightly_jobs(self) -> Sequence[Job]:
        return ()
