"""End users, their conversations and the rollups; written only by `frontdesk.ledger`.

EndUser, Session, Message, DailyActivity and all other tables with an end user are designed to be
sharded by end user: each key starts with (or is) the end user's id, and the database enforces no
foreign key. An agent's rollups are small tables with sums over the hot ones.
"""

from frontdesk.ledger.models.dialogues import (
    MAX_REACTION,
    DailyActivity,
    MemberReaction,
    Message,
    Session,
)
from frontdesk.ledger.models.erasures import Erasure, Tombstone
from frontdesk.ledger.models.imports import Import, ImportClaim, ImportedProfile
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
    "MAX_REACTION",
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
    "Import",
    "ImportClaim",
    "ImportedProfile",
    "LinkToken",
    "MemberReaction",
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
