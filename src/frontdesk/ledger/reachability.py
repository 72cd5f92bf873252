"""Whether a channel can write to a user: "blocked the bot", "uses the bot again".

It is what the channel last found out, kept with its history. It counts nothing and decides nothing.
"""

import datetime as dt
import uuid
from collections.abc import Collection

from frontdesk.agents.models import Agent
from frontdesk.core.sql import bulk
from frontdesk.core.sql.retries import with_retries
from frontdesk.core.text import clean_line
from frontdesk.ledger import users
from frontdesk.ledger.models import MAX_CAUSE, EndUser, ReachabilityChange

KEPT = 100
"""Changes of one user that are kept: whoever blocks and unblocks all day fills no table."""


def set_reachable(
    agent: Agent, user_id: uuid.UUID, *, reachable: bool, at: dt.datetime, cause: str
) -> bool:
    """Say that from `at` on a user can, or cannot, be written to; returns whether that is news.

    What is older than the last change is passed over, and so is who is no user of the agent's.
    `cause` is said to operators, such as "blocked the bot".
    """
    told = (clean_line(cause) or "")[:MAX_CAUSE]
    return with_retries(_set_reachable)(agent.id, user_id, reachable, at, told)


def changes(user_ids: Collection[uuid.UUID], most: int = KEPT) -> list[ReachabilityChange]:
    """The latest changes of these users that are kept, newest first."""
    found = ReachabilityChange.objects.filter(end_user_id__in=user_ids)
    return list(found.order_by("-at", "end_user_id")[:most])


def _set_reachable(
    agent_id: uuid.UUID, user_id: uuid.UUID, reachable: bool, at: dt.datetime, cause: str
) -> bool:
    if not users.lock_ids(agent_id, [user_id]):
        return False
    since = EndUser.objects.values_list("unreachable_since", flat=True).get(id=user_id)
    last = changes([user_id], 1)
    if reachable == (since is None) or (last and at < last[0].at):
        return False
    EndUser.objects.filter(id=user_id).update(
        unreachable_since=None if reachable else at, unreachable_cause="" if reachable else cause
    )
    # Of two at the same instant the one that is told later counts, and is kept.
    row = (user_id, at, reachable, cause)
    bulk.upsert(ReachabilityChange, ["end_user_id", "at"], ["reachable", "cause"], [row])
    _forget_old(user_id)
    return True


def _forget_old(user_id: uuid.UUID) -> None:
    of_user = ReachabilityChange.objects.filter(end_user_id=user_id)
    oldest_kept = of_user.order_by("-at").values_list("at", flat=True)[KEPT - 1 : KEPT].first()
    if oldest_kept:
        of_user.filter(at__lt=oldest_kept).delete()
