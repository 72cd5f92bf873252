"""A user's own limits, which override those of the plan and the agent."""

import uuid

from frontdesk.agents.limits import Limits, validate_limits
from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.gate.models import UserLimits
from frontdesk.ledger import users


def limits_of(user_id: uuid.UUID) -> Limits:
    """The user's own limits, without those of linked identities."""
    found = UserLimits.objects.filter(end_user_id=user_id).values_list("limits", flat=True).first()
    return found or {}


def set_limits(agent: Agent, user_id: uuid.UUID, limits: Limits) -> bool:
    """Replace the user's own limits; an empty set removes them. Returns whether they changed.

    A user of another agent is skipped. Raises ValidationError for an invalid set of limits.
    """
    validate_limits(limits)
    return with_retries(_set)(agent, user_id, limits)


def _set(agent: Agent, user_id: uuid.UUID, limits: Limits) -> bool:
    if not users.lock_ids(agent.id, [user_id]) or limits_of(user_id) == limits:
        return False
    if limits:
        UserLimits.objects.update_or_create(
            end_user_id=user_id, defaults={"agent_id": agent.id, "limits": limits}
        )
    else:
        UserLimits.objects.filter(end_user_id=user_id).delete()
    return True
