"""All that is kept of one person, as a zip: for data requests."""

from collections.abc import Iterator

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser


def stream(agent: Agent, user: EndUser) -> Iterator[bytes]:
    """The zip, piece by piece, in flat memory; of a Person, a folder for each identity.

    Operators' notes are not in it: they are the operators' own.
    """
    raise NotImplementedError


def file_name(user: EndUser) -> str:
    """Such as "user-6f2c0a9e.zip": it names nobody."""
    return f"user-{user.id.hex[:8]}.zip"
