"""Who wrote a message, in the words of other programs."""

from frontdesk.ledger.events import Role

ROLES: dict[str, Role] = {
    "user": "user",
    "human": "user",
    "agent": "agent",
    "assistant": "agent",
    "ai": "agent",
    "bot": "agent",
    "model": "agent",
    "tool": "tool",
    "function": "tool",
    "system": "system",
    "developer": "system",
}


def role_of(value: object) -> Role | None:
    """The role that a word means, whatever its case; None if it means none."""
    return ROLES.get(value.strip().lower()) if isinstance(value, str) else None
