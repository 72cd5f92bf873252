"""Linking end users of one agent as the same human (a Person), and unlinking them.

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
from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import users
from frontdesk.ledger.models import EndUser, LinkToken, Person

MAX_IDENTITIES = 20
TOKEN_PREFIX = "link_"  # noqa: S105  # not a secret: the start of every token
TOKEN_LIVES = dt.timedelta(hours=24)


class LinkError(ValueError):
    """Users that cannot be linked. The text says why, for operators."""


def link(agent: Agent, user_id: uuid.UUID, other_id: uuid.UUID, by: str) -> Person:
    """Link two users as the same human, together with all users linked with either.

    Raises LinkError for the same user twice, a user that is gone, or too many identities.
    """
    return with_retries(_link)(agent, user_id, other_id, by)


def unlink(agent: Agent, user_id: uuid.UUID) -> None:
    """Remove a user from their Person. A Person with one identity left is removed too."""
    with_retries(_unlink)(agent, user_id)


def identities(user: EndUser) -> list[EndUser]:
    """The user, then the linked ones, oldest first."""
    if user.person_id is None:
        return [user]
    others = EndUser.objects.filter(person_id=user.person_id).exclude(id=user.id)
    return [user, *others.order_by("first_seen_at", "id")]


def issue_token(user: EndUser) -> str:
    """A token with which the person can link another identity, once, within 24 hours.

    Only its digest is stored. It fits into Telegram's /start.
    """
    token = TOKEN_PREFIX + secrets.token_urlsafe(24)
    with_retries(_save_token)(user, _digest(token), timezone.now())
    return token


def redeem(agent: Agent, token: str, user_id: uuid.UUID) -> Person:
    """Link the user who sent a token with the user it was issued for.

    Raises LinkError; the token is used up only if the link succeeds.
    """
    return with_retries(_redeem)(agent, _digest(token), user_id, timezone.now())


def lock_identities(agent_id: uuid.UUID, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, EndUser]:
    """Lock users together with all linked users. Users of other agents are left out.

    Call it in a transaction, before its first lock.
    """
    wanted = set(ids)
    while True:
        # The links are certain only when all of these users are locked. New ones are then locked
        # as well, and a deadlock that this may cause is retried.
        wanted |= _linked_with(agent_id, wanted)
        locked = users.lock_ids(agent_id, wanted)
        if _linked_with(agent_id, wanted) <= wanted:
            return {user.id: user for user in EndUser.objects.filter(id__in=list(locked))}


def dissolve_if_single(person_id: uuid.UUID) -> None:
    """Remove a Person that has at most one identity left. Its identities must be locked."""
    left = EndUser.objects.filter(person_id=person_id)
    if left.count() <= 1:
        left.update(person_id=None)
        Person.objects.filter(id=person_id).delete()


def _linked_with(agent_id: uuid.UUID, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    # The agent is compared in Python: with it in the statement, SQLite reads all of its users.
    known = EndUser.objects.filter(id__in=list(ids)).values_list("agent_id", "person_id")
    persons = [person for agent, person in known if person and agent == agent_id]
    linked = EndUser.objects.filter(person_id__in=persons)
    return set(linked.values_list("id", flat=True))


def _link(agent: Agent, user_id: uuid.UUID, other_id: uuid.UUID, by: str) -> Person:
    if user_id == other_id:
        raise LinkError(_("This is the same user."))
    found = lock_identities(agent.id, [user_id, other_id])
    if user_id not in found or other_id not in found:
        raise LinkError(_("This user is no longer there."))
    if len(found) > MAX_IDENTITIES:
        text = _("One person may have %(count)s identities at most.")
        raise LinkError(text % {"count": MAX_IDENTITIES})
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
    dissolve_if_single(user.person_id)


def _save_token(user: EndUser, digest: str, now: dt.datetime) -> None:
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
        raise LinkError(_("This link is not known."))
    # Only under the lock is it certain whether the token was used.
    lock_identities(agent.id, [token.end_user_id, user_id])
    issued = LinkToken.objects.filter(end_user_id=token.end_user_id, digest=digest)
    fresh = issued.filter(end_user__agent=agent).first()
    if fresh is None:
        raise LinkError(_("This link is not known."))
    if fresh.used_at is not None:
        raise LinkError(_("This link was used already."))
    if fresh.expires_at <= now:
        raise LinkError(_("This link is no longer valid."))
    person = _link(agent, fresh.end_user_id, user_id, "a link of the person's own")
    issued.update(used_at=now)
    return person


def _digest(token: str) -> str:
    """A plain SHA-256: the token is 24 random bytes, so it cannot be guessed from its digest."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
