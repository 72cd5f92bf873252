"""The actors of actions on users and agents, and the one place that records these actions."""

import logging
import uuid
from dataclasses import dataclass
from typing import Literal

logger = logging.getLogger("frontdesk.audit")


@dataclass(frozen=True)
class Actor:
    """An operator, an API key, or Frontdesk itself (the end of a plan, a nightly job)."""

    kind: Literal["operator", "key", "system"]
    id: str
    name: str


SYSTEM = Actor("system", "", "Frontdesk")


def record(actor: Actor, action: str, agent_id: uuid.UUID, **details: object) -> None:
    """Log one action. Users are named by id only, because a log outlives the erasure of a user."""
    text = " ".join(f"{name}={value}" for name, value in details.items())
    logger.info("%s %s (%s): agent=%s %s", actor.kind, actor.id, action, agent_id, text)
