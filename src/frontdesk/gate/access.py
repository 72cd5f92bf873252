"""Whether an agent accepts messages at all, and from this identity."""

import uuid
from collections.abc import Sequence

from django.db.models import Q

from frontdesk.agents.models import Agent, Invitee
from frontdesk.core.platforms import platform_of
from frontdesk.gate.identities import Identity
from frontdesk.ledger.events import Event


def refusal(agent: Agent, linked: Sequence[Identity], event: Event, verified: bool) -> str | None:
    """The reason why no message of this identity is admitted, or None.

    `verified`: the caller vouches for the identity and its e-mail address. A platform may vouch for
    its own identities and usernames, but never for an address.
    """
    if agent.archived_at is not None or agent.deleting_since is not None:
        return "archived"
    if agent.paused_at is not None:
        return "paused"
    match agent.access:
        case Agent.Access.CLOSED:
            return "closed"
        case Agent.Access.VERIFIED if not (verified or platform_of(event.platform).vouches_for_ids):
            return "not_verified"
        case Agent.Access.INVITED if not _is_invited(agent.id, linked, event, verified):
            return "not_invited"
    return None


def _is_invited(
    agent_id: uuid.UUID, linked: Sequence[Identity], event: Event, verified: bool
) -> bool:
    """Match this message's own fields: a stored username may belong to someone else by now."""
    ids = [f"{identity.platform}:{identity.external_id}" for identity in linked]
    listed = Q(kind=Invitee.Kind.ID, value__in=ids)
    if event.username and platform_of(event.platform).vouches_for_usernames:
        listed |= Q(kind=Invitee.Kind.USERNAME, value=event.username.casefold())
    if event.email and verified:
        listed |= Q(kind=Invitee.Kind.EMAIL, value=event.email.lower())
    return Invitee.objects.filter(listed, agent_id=agent_id).exists()
