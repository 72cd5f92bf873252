"""What Frontdesk knows of the people and what they said; written by `frontdesk.ledger` alone.

EndUser, Session, Message, DailyActivity and what else hangs on an end user are made to be sharded
by end user: each key starts with (or is) the end user's id, and no foreign key is enforced by the
database. The tables of an agent's rollups are small, and sums over the hot ones.
"""

from frontdesk.ledger.models.dialogues import DailyActivity, Message, Session
from frontdesk.ledger.models.erasures import Erasure, Tombstone
from frontdesk.ledger.models.rollups import (
    NO_DAY,
    AgentDay,
    AgentHour,
    Cohort,
    ErasedContribution,
    FacetCount,
    ModelDay,
    ReturnGap,
)
from frontdesk.ledger.models.users import (
    FACET_COLUMNS,
    MAX_CAUSE,
    MAX_ID,
    NEVER,
    EndUser,
    LinkToken,
    Person,
    ReachabilityChange,
    UserTag,
    agent_key,
    end_user_key,
)

__all__ = [
    "FACET_COLUMNS",
    "MAX_CAUSE",
    "MAX_ID",
    "NEVER",
    "NO_DAY",
    "AgentDay",
    "AgentHour",
    "Cohort",
    "DailyActivity",
    "EndUser",
    "ErasedContribution",
    "Erasure",
    "FacetCount",
    "LinkToken",
    "Message",
    "ModelDay",
    "Person",
    "ReachabilityChange",
    "ReturnGap",
    "Session",
    "Tombstone",
    "UserTag",
    "agent_key",
    "end_user_key",
]
