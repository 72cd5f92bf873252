"""Whether a channel can write to a user: "blocked the bot", "uses the bot again".

It is the result of the channel's last attempt, with its history. No count and no decision depends
on it.
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
"""The most changes of one user that are kept, so that frequent changes cannot fill the table."""


def set_reachable(
    agent: Agent, user_id: uuid.UUID, *, reachable: bool, at: dt.datetime, cause: str
) -> bool:
    """Set whether messages reach a user from `at` on; returns whether that is a change.

    Changes older than the last one are ignored, and so are users of other agents. `cause` is shown
    to operators, such as "blocked the bot".
    """
    cause = (clean_line(cause) or "")[:MAX_CAUSE]
    return with_retries(_set_reachable)(agent.id, user_id, reachable, at, cause)


def changes(user_ids: Collection[uuid.UUID], limit: int = KEPT) -> list[ReachabilityChange]:
    """The latest changes of these users, newest first."""
    found = ReachabilityChange.objects.filter(end_user_id__in=user_ids)
    return list(found.order_by("-at", "end_user_id")[:limit])


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
    # Of two changes at the same time, the one reported later is kept.
    row = (user_id, at, reachable, cause)
    bulk.upsert(ReachabilityChange, ["end_user_id", "at"], ["reachable", "cause"], [row])
    _delete_old(user_id)
    return True


def _delete_old(user_id: uuid.UUID) -> None:
    of_user = ReachabilityChange.objects.filter(end_user_id=user_id)
    oldest_kept = of_user.order_by("-at").values_list("at", flat=True)[KEPT - 1 : KEPT].first()
    if oldest_kept:
        of_user.filter(at__lt=oldest_kept).delete()
