"""Linking end users of one agent as the same human, a Person, and taking them apart again.

Each identity keeps its own rows; linking writes nothing but `EndUser.person_id`.
"""

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import users
from frontdesk.ledger.models import EndUser, LinkToken, Person

MAX_IDENTITIES = 20
TOKEN_PREFIX = "link_"  # noqa: S105  # no secret: what tokens begin with
TOKEN_LIVES = dt.timedelta(hours=24)


class LinkError(ValueError):
    """Users that cannot be linked; the text, made for people, says why."""


def link(agent: Agent, user_id: uuid.UUID, other_id: uuid.UUID, by: str) -> Person:
    """Say that two users are the same human; those that are linked with either come along.

    Raises LinkError: the same user twice, one that is gone, or too many identities.
    """
    return with_retries(_link)(agent, user_id, other_id, by)


def unlink(agent: Agent, user_id: uuid.UUID) -> None:
    """Take a user out of their Person; a Person of one identity is none, and goes."""
    with_retries(_unlink)(agent, user_id)


def identities(user: EndUser) -> list[EndUser]:
    """The user, then the others that are the same human, the oldest first."""
    if user.person_id is None:
        return [user]
    others = EndUser.objects.filter(person_id=user.person_id).exclude(id=user.id)
    return [user, *others.order_by("first_seen_at", "id")]


def issue_token(user: EndUser) -> str:
    """A token with which the person links another identity of theirs, once, within 24 hours.

    Only a digest of it is kept. It fits into Telegram's /start.
    """
    token = TOKEN_PREFIX + secrets.token_urlsafe(24)
    with_retries(_keep_token)(user, _digest(token), timezone.now())
    return token


def redeem(agent: Agent, token: str, user_id: uuid.UUID) -> Person:
    """Link the user who brings a token with the one it was issued for.

    Raises LinkError; the token is used up only when the link is made.
    """
    return with_retries(_redeem)(agent, _digest(token), user_id, timezone.now())


def lock_identities(agent_id: uuid.UUID, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, EndUser]:
    """Lock users together with all that are linked with them; those of other agents are left out.

    To be called in a transaction, before its first lock.
    """
    wanted = set(ids)
    while True:
        # Who is linked with them is known for certain only when all of these are locked; what is
        # new then is locked beside, and a deadlock that this may lead to is retried.
        wanted |= _linked_with(agent_id, wanted)
        locked = users.lock_ids(agent_id, wanted)
        if _linked_with(agent_id, wanted) <= wanted:
            return {user.id: user for user in EndUser.objects.filter(id__in=list(locked))}


def dissolve_lonely(person_id: uuid.UUID) -> None:
    """Remove a Person that has one identity or none; its identities must be locked."""
    left = EndUser.objects.filter(person_id=person_id)
    if left.count() <= 1:
        left.update(person_id=None)
        Person.objects.filter(id=person_id).delete()


def _linked_with(agent_id: uuid.UUID, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    # The agent is looked at here: with it in the statement SQLite reads all of its users.
    known = EndUser.objects.filter(id__in=list(ids)).values_list("agent_id", "person_id")
    persons = [person for agent, person in known if person and agent == agent_id]
    linked = EndUser.objects.filter(person_id__in=persons)
    return set(linked.values_list("id", flat=True))


def _link(agent: Agent, user_id: uuid.UUID, other_id: uuid.UUID, by: str) -> Person:
    if user_id == other_id:
        raise LinkError("This is the same user.")
    found = lock_identities(agent.id, [user_id, other_id])
    if user_id not in found or other_id not in found:
        raise LinkError("This user is no longer there.")
    if len(found) > MAX_IDENTITIES:
        raise LinkError(f"One person may have {MAX_IDENTITIES} identities at most.")
    persons = {user.person_id for user in found.values() if user.person_id}
    kept = found[user_id].person_id or found[other_id].person_id
    person = (
        Person.objects.get(id=kept) if kept else Person.objects.create(agent=agent, created_by=by)
    )
    EndUser.objects.filter(id__in=list(found)).update(person_id=person.id)
    Person.objects.filter(id__in=persons - {person.id}).delete()
    return person


def _unlink(agent: Agent, user_id: uuid.UUID) -> None:
    user = lock_identities(agent.id, [user_id]).get(user_id)
    if user is None or user.person_id is None:
        return
    EndUser.objects.filter(id=user_id).update(person_id=None)
    dissolve_lonely(user.person_id)


def _keep_token(user: EndUser, digest: str, now: dt.datetime) -> None:
    if not users.lock_ids(user.agent_id, [user.id]):
        raise EndUser.DoesNotExist(f"user {user.id} is no longer there")
    of_user = LinkToken.objects.filter(end_user_id=user.id)
    of_user.filter(Q(expires_at__lte=now) | Q(used_at__isnull=False)).delete()
    LinkToken.objects.create(
        end_user_id=user.id, digest=digest, created_at=now, expires_at=now + TOKEN_LIVES
    )


def _redeem(agent: Agent, digest: str, user_id: uuid.UUID, now: dt.datetime) -> Person:
    token = LinkToken.objects.filter(digest=digest).first()
    if token is None or not constant_time_compare(token.digest, digest):
        raise LinkError("This link is not known.")
    # Whether it is used is known only under the lock.
    lock_identities(agent.id, [token.end_user_id, user_id])
    issued = LinkToken.objects.filter(end_user_id=token.end_user_id, digest=digest)
    fresh = issued.filter(end_user__agent=agent).first()
    if fresh is None:
        raise LinkError("This link is not known.")
    if fresh.used_at is not None:
        raise LinkError("This link was used already.")
    if fresh.expires_at <= now:
        raise LinkError("This link is no longer valid.")
    person = _link(agent, fresh.end_user_id, user_id, "a link of the person's own")
    issued.update(used_at=now)
    return person


def _digest(token: str) -> str:
    """The token is 24 random bytes, so a plain SHA-256 cannot be searched backwards."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
