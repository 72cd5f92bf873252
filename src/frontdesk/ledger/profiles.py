"""Profiles that are reported without a message: contacts, and users known from elsewhere."""

import uuid

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import facets, users
from frontdesk.ledger.events import Event, EventError, check, user_id
from frontdesk.ledger.profile import Claims
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.tombstones import TombstoneIndex
from frontdesk.ledger.users import UserState


def put_profile(agent: Agent, event: Event) -> bool:
    """Take over the profile fields of an event, but no message. Returns whether the user is new.

    As with messages, each field keeps its newest value by the event's time, so the same profile
    again changes nothing. Raises EventError for a bad field, and for an erased user who must not
    return; Agent.DoesNotExist if the agent is gone or being deleted.
    """
    check(event, timezone.now())
    return with_retries(_put)(agent.id, event)


def _put(agent_id: uuid.UUID, event: Event) -> bool:
    identity = (
        user_id(agent_id, event.platform, event.external_id),
        event.platform,
        event.external_id,
    )
    (state,) = users.lock(agent_id, [identity]).values()
    Agent.objects.only("id").get(id=agent_id, deleting_since=None)  # after the lock
    refusal = TombstoneIndex(agent_id, [identity]).refusal(state.id, event.time)
    if refusal:
        users.delete_placeholders([state])
        raise EventError(refusal)
    is_new = state.is_new
    claims = Claims()
    claims.add(event)
    state.profile.merge(claims)
    state.know(event.time)
    _save(agent_id, state, {state.id} if is_new else set())
    return is_new


def _save(agent_id: uuid.UUID, state: UserState, created: set[uuid.UUID]) -> None:
    rollups = RollupChanges()
    users.save(agent_id, [state], created)
    facets.count([state], created, rollups)
    facets.save_tags(agent_id, [state])
    rollups.save(agent_id)
