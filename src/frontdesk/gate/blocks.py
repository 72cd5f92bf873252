"""Blocks: the one place where they are set, ended and read."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.db.models import F
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.gate.models import FOREVER, Block
from frontdesk.ledger import linking, users
from frontdesk.ledger.models import EndUser


def block(
    agent: Agent,
    ids: Sequence[uuid.UUID],
    reason: str,
    until: dt.datetime | None,
    note: str,
    text: str,
    by: str,
) -> int:
    """Block these users of the agent until a time, or (None) for good; says how many.

    At most 500 at once. A new block ends an older one of the same user. It holds for all who are
    linked with the user, as long as they are.
    """
    values = {"reason": reason, "until": until or FOREVER, "note": note, "text": text}
    return with_retries(_block)(agent, ids, values, by)


def unblock(agent: Agent, ids: Sequence[uuid.UUID], by: str) -> int:
    """End the blocks of these users, and of those linked with them; says how many were blocked.

    At most 500 at once. Users of other agents are passed over.
    """
    return with_retries(_unblock)(agent, ids, by)


def current(user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Block]:
    """The blocks in force, by user: its own or a linked one's, whichever ends last."""
    humans = _humans(user_ids)
    found: dict[uuid.UUID, Block] = {}
    in_force = Block.objects.filter(ended_at=None, until__gt=timezone.now())
    for each in in_force.filter(end_user_id__in=humans).order_by("until", "id"):
        found[humans[each.end_user_id]] = each
    return {id_: found[humans[id_]] for id_ in user_ids if humans.get(id_) in found}


def history(user_id: uuid.UUID) -> list[Block]:
    """All blocks of one user, newest first; without those of linked ones."""
    return list(Block.objects.filter(end_user_id=user_id).order_by("-created_at", "-id"))


def _block(agent: Agent, ids: Sequence[uuid.UUID], values: dict[str, object], by: str) -> int:
    known = users.lock_ids(agent.id, ids)
    now = timezone.now()
    _end(known, by, now)
    Block.objects.bulk_create(
        Block(end_user_id=id_, agent_id=agent.id, created_at=now, created_by=by, **values)
        for id_ in known
    )
    return len(known)


def _unblock(agent: Agent, ids: Sequence[uuid.UUID], by: str) -> int:
    found = linking.lock_identities(agent.id, ids)
    blocked = current(found)
    _end(found, by, timezone.now())
    return len(blocked.keys() & set(ids))


def _end(ids: Collection[uuid.UUID], by: str, now: dt.datetime) -> None:
    """End what is open; what has run out by itself ended then, and by nobody."""
    open_ = Block.objects.filter(end_user_id__in=ids, ended_at=None)
    open_.filter(until__lte=now).update(ended_at=F("until"))
    open_.filter(until__gt=now).update(ended_at=now, ended_by=by)


def _humans(user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """These users and those linked with them, each with an id that the linked share."""
    own = dict(EndUser.objects.filter(id__in=user_ids).values_list("id", "person_id"))
    persons = {person for person in own.values() if person}
    if persons:
        linked = EndUser.objects.filter(person_id__in=persons)
        own.update(linked.values_list("id", "person_id"))
    return {id_: person or id_ for id_, person in own.items()}
