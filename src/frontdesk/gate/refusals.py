"""Counts refused messages: each once, however often it is sent."""

import datetime as dt
import uuid

from django.db.models import F

from frontdesk.agents.models import Agent
from frontdesk.core.sql import bulk
from frontdesk.gate.models import Refusal, RefusedDay, RefusedTotal
from frontdesk.ledger.users import UserState


def count(
    agent: Agent, user: UserState, message_id: uuid.UUID, reason: str, now: dt.datetime
) -> None:
    """Count a refused message, under the user's lock.

    Nothing is stored that could identify an erased identity: each of its attempts counts, but only
    on the agent's day. An identity that was never recorded has no total, only ids of messages.
    """
    if reason != "erased":
        known = Refusal.objects.filter(end_user_id=user.id, id=message_id)
        if known.exists():
            return
        Refusal.objects.create(end_user_id=user.id, id=message_id, refused_at=now, reason=reason)
        if not user.is_new:
            _add_to_total(user.id, reason, now)
    # Last: all users of the agent share this row.
    day = now.astimezone(agent.zone).date()
    key = ["agent_id", "platform", "day", "reason"]
    bulk.add(RefusedDay, key, ["refused"], [(agent.id, user.platform, day, reason, 1)])


def _add_to_total(user_id: uuid.UUID, reason: str, now: dt.datetime) -> None:
    total = RefusedTotal.objects.filter(end_user_id=user_id, reason=reason)
    if not total.update(refused=F("refused") + 1, last_at=now):
        RefusedTotal.objects.create(end_user_id=user_id, reason=reason, refused=1, last_at=now)
