"""Sets, ends and reads blocks.

A block is in force until it is ended or its `until` passes; no job is needed for that. It applies
to all identities linked with the blocked one. Of several blocks, the one that ends last decides.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from django.db.models import F
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.gate.models import FOREVER, Block
from frontdesk.ledger import linking, users
from frontdesk.ledger.models import EndUser

IN_FORCE = "b.ended_at IS NULL AND b.until > {now}"
"""The condition on a row b of gate_block; {now} is a parameter or a column."""

_IN_FORCE = IN_FORCE.format(now="%s")

BLOCKED_SQL = f"""(
EXISTS (SELECT 1 FROM gate_block b WHERE b.end_user_id = u.id AND {_IN_FORCE})
OR u.person_id IS NOT NULL AND EXISTS (
  SELECT 1 FROM ledger_enduser o CROSS JOIN gate_block b WHERE b.end_user_id = o.id
  AND o.person_id = u.person_id AND o.person_id IS NOT NULL AND {_IN_FORCE}))"""
"""Whether the user u, or one linked with them, is blocked. Parameters: the time, twice."""

BLOCKED_IDS_SQL = f"""
SELECT b.end_user_id AS id FROM gate_block b WHERE b.agent_id = %s AND {_IN_FORCE}
UNION ALL
SELECT o.id FROM gate_block b CROSS JOIN ledger_enduser i CROSS JOIN ledger_enduser o
WHERE i.id = b.end_user_id AND i.person_id IS NOT NULL
AND o.person_id = i.person_id AND o.person_id IS NOT NULL AND b.agent_id = %s AND {_IN_FORCE}"""
"""The same users of an agent, found from its blocks. Parameters: the agent and the time, twice."""


class HasEnd(Protocol):
    @property
    def until(self) -> dt.datetime: ...


AnyBlock = TypeVar("AnyBlock", bound=HasEnd)


def decisive(found: Iterable[AnyBlock]) -> AnyBlock | None:
    """Of the blocks in force on linked identities, the one that ends last."""
    return max(found, key=lambda each: each.until, default=None)


def block(
    agent: Agent,
    ids: Sequence[uuid.UUID],
    reason: str,
    until: dt.datetime | None,
    note: str,
    text: str,
    by: str,
) -> int:
    """Block these users of the agent until a time or, with None, for good; returns how many.

    At most 500 at once. A new block ends the user's earlier one.
    """
    values = {"reason": reason, "until": until or FOREVER, "note": note, "text": text}
    return with_retries(_block)(agent, ids, values, by)


def unblock(agent: Agent, ids: Sequence[uuid.UUID], by: str) -> int:
    """End the blocks of these users and of linked ones; returns how many users were blocked.

    At most 500 at once. Users of other agents are skipped.
    """
    return with_retries(_unblock)(agent, ids, by)


def current(user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Block]:
    """The blocks in force, by user: their own, or that of a linked identity."""
    persons = _persons(user_ids)
    found: dict[uuid.UUID, list[Block]] = defaultdict(list)
    in_force = Block.objects.filter(ended_at=None, until__gt=timezone.now())
    for each in in_force.filter(end_user_id__in=persons).order_by("-id"):
        found[persons[each.end_user_id]].append(each)
    blocked = {person: decisive(blocks) for person, blocks in found.items()}
    by_user = {id_: blocked.get(persons.get(id_, id_)) for id_ in user_ids}
    return {id_: block for id_, block in by_user.items() if block is not None}


def history(user_id: uuid.UUID) -> list[Block]:
    """All blocks of one user, newest first; not those of linked identities."""
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
    """End the open blocks; expired ones are marked as ended at their own time, by no one."""
    open_ = Block.objects.filter(end_user_id__in=ids, ended_at=None)
    open_.filter(until__lte=now).update(ended_at=F("until"))
    open_.filter(until__gt=now).update(ended_at=now, ended_by=by)


def _persons(user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """These users and linked ones, each with an id that all linked users share."""
    own = dict(EndUser.objects.filter(id__in=user_ids).values_list("id", "person_id"))
    shared = {person for person in own.values() if person}
    if shared:
        linked = EndUser.objects.filter(person_id__in=shared)
        own.update(linked.values_list("id", "person_id"))
    return {id_: person or id_ for id_, person in own.items()}
