"""Who does something to a user or an agent, and the one place where every such act is noted."""

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


def record(actor: Actor, act: str, agent_id: uuid.UUID, **details: object) -> None:
    """Note one act. What it was done to is named by ids only: names are erased with their users."""
    told = " ".join(f"{name}={value}" for name, value in details.items())
    logger.info("%s %s (%s): agent=%s %s", actor.kind, actor.id, act, agent_id, told)
