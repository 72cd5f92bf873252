"""Tombstones keep late reports from restoring an erased identity.

A tombstone holds a keyed hash of the identity, so it does not reveal who was erased. Finding it
takes the secret key and the identity. A new secret key therefore invalidates all tombstones.
"""

import datetime as dt
import functools
import hmac
import uuid
from collections.abc import Iterable

from django.conf import settings

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import Erasure, Tombstone
from frontdesk.ledger.users import Identity

ERASED = "this user was erased; reports of them are not recorded"
WRITTEN_BEFORE = "this user was erased after this time"
BEING_ERASED = "this user is being erased; send it again later"


def digest_of(agent_id: uuid.UUID, platform: str, external_id: str) -> str:
    """The keyed hash of an identity: 64 hex digits."""
    identity = f"{agent_id}:{platform}:{external_id}"
    return hmac.digest(_key(settings.SECRET_KEY), identity.encode(), "sha256").hex()


def tombstone_of(agent: Agent, platform: str, external_id: str) -> Tombstone | None:
    """The tombstone of this identity, if it was erased."""
    digest = digest_of(agent.id, platform, external_id)
    return Tombstone.objects.filter(agent=agent, digest=digest).first()


def refusal(agent: Agent, platform: str, external_id: str, time: dt.datetime) -> str | None:
    """Why a message of this identity and time may not be recorded; None when it may.

    Call it under the user's lock, because an erasure may come before the lock.
    """
    tombstone = tombstone_of(agent, platform, external_id)
    if tombstone is None:
        return None
    return _refusal(tombstone, time, _running(agent.id, [tombstone.digest]))


def create_tombstone(
    agent_id: uuid.UUID, digest: str, erased_at: dt.datetime, may_return: bool
) -> None:
    """Write the tombstone of an identity, replacing an earlier one."""
    Tombstone.objects.update_or_create(
        agent_id=agent_id,
        digest=digest,
        defaults={"erased_at": erased_at, "may_return": may_return},
    )


def allow_return(agent: Agent, digest: str) -> bool:
    """Allow recording messages sent after the erasure; returns whether that is a change."""
    tombstones = Tombstone.objects.filter(agent=agent, digest=digest, may_return=False)
    return bool(tombstones.update(may_return=True))


class TombstoneIndex:
    """The tombstones among the identities of a batch, read once, after their lock."""

    def __init__(self, agent_id: uuid.UUID, identities: Iterable[Identity]) -> None:
        digests = {digest_of(agent_id, *rest): id_ for id_, *rest in identities}
        found = Tombstone.objects.filter(agent_id=agent_id, digest__in=list(digests))
        self._tombstones = {digests[tombstone.digest]: tombstone for tombstone in found}
        returning = [
            tombstone.digest for tombstone in self._tombstones.values() if tombstone.may_return
        ]
        self._running = _running(agent_id, returning) if returning else set()

    def __contains__(self, user_id: uuid.UUID) -> bool:
        return user_id in self._tombstones

    def refusal(self, user_id: uuid.UUID, time: dt.datetime) -> str | None:
        """Why this user's message of this time may not be recorded; None when it may."""
        tombstone = self._tombstones.get(user_id)
        return _refusal(tombstone, time, self._running) if tombstone else None


def _refusal(tombstone: Tombstone, time: dt.datetime, running: set[str]) -> str | None:
    if not tombstone.may_return:
        return ERASED
    if time <= tombstone.erased_at:
        return WRITTEN_BEFORE
    # The rows that are not removed yet have the same user id as new ones would.
    return BEING_ERASED if tombstone.digest in running else None


def _running(agent_id: uuid.UUID, digests: list[str]) -> set[str]:
    running = Erasure.objects.filter(
        agent_id=agent_id, state=Erasure.State.RUNNING, digest__in=digests
    )
    return set(running.values_list("digest", flat=True))


@functools.cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"frontdesk.ledger.tombstones", "sha256")
