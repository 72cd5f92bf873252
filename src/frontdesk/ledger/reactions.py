"""What a person shows about an answer with an emoji below it.

It is a column of the answer, so it is erased, anonymized and exported with it, and counted nowhere.
"""

import datetime as dt
import uuid

from django.db.models import Q

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.core.text import clean_line
from frontdesk.ledger import users
from frontdesk.ledger.models import MAX_REACTION, Message


def set_reaction(
    agent: Agent, user_id: uuid.UUID, answer_id: uuid.UUID, reaction: str, at: dt.datetime
) -> bool:
    """Set a user's reaction to an answer that they got; returns whether it is the newest known.

    `reaction` is one emoji, or several with spaces between them; "" takes it back. Of two of the
    same moment the one that is reported later counts.
    """
    reaction = (clean_line(reaction) or "")[:MAX_REACTION]
    return with_retries(_set_reaction)(agent.id, user_id, answer_id, reaction, at)


def _set_reaction(
    agent_id: uuid.UUID, user_id: uuid.UUID, answer_id: uuid.UUID, reaction: str, at: dt.datetime
) -> bool:
    if not users.lock_ids(agent_id, [user_id]):
        return False
    answer = Message.objects.filter(end_user_id=user_id, id=answer_id, role=Message.Role.AGENT)
    not_newer = answer.filter(Q(reacted_at=None) | Q(reacted_at__lte=at))
    return bool(not_newer.update(reaction=reaction, reacted_at=at))
