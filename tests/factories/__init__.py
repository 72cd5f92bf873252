"""Makes what tests need, with sensible defaults; keyword arguments override them.

`make_event` builds an event. `record_events`, `make_user`, `make_users` and `make_conversation`
record through the ledger. The other functions create one row each. Import everything from here,
except two tools that few tests use: `population` (many users at once) and `owned_rows`.
"""

from tests.factories.agents import (
    PASSWORD,
    make_agent,
    make_agent_text,
    make_invitee,
    make_key,
    make_operator,
    make_plan,
    make_tag,
    set_agent_limits,
)
from tests.factories.channels import BACKEND_KEY, make_backend, make_bot, make_web_chat
from tests.factories.events import NOON, make_api_event, make_event
from tests.factories.imports import make_upload
from tests.factories.users import (
    make_conversation,
    make_group_answer,
    make_import,
    make_limited_user,
    make_linked_users,
    make_user,
    make_users,
    record_events,
)

__all__ = [
    "BACKEND_KEY",
    "NOON",
    "PASSWORD",
    "make_agent",
    "make_agent_text",
    "make_api_event",
    "make_backend",
    "make_bot",
    "make_conversation",
    "make_event",
    "make_group_answer",
    "make_import",
    "make_invitee",
    "make_key",
    "make_limited_user",
    "make_linked_users",
    "make_operator",
    "make_plan",
    "make_tag",
    "make_upload",
    "make_user",
    "make_users",
    "make_web_chat",
    "record_events",
    "set_agent_limits",
]
