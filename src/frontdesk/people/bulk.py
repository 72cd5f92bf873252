"""One act on many users: at once for a page of them, in the background for more."""

import uuid
from collections.abc import Sequence
from typing import Any

from frontdesk.accounts.acts import Actor
from frontdesk.agents.models import Agent
from frontdesk.people.filters import UsersQuery
from frontdesk.people.models import BulkJob


def start(
    actor: Actor,
    agent: Agent,
    act: str,
    params: dict[str, Any],
    who: UsersQuery | Sequence[uuid.UUID],
) -> BulkJob:
    """Do `act` to these users; many of them are a background task's work, as the job then says."""
    raise NotImplementedError
