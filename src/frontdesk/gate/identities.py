"""The sender of a message: the end user and those linked as the same Person.

One statement reads what the gate needs: their blocks, own limits and plans.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from frontdesk.agents.limits import Limits
from frontdesk.core.sql import bulk
from frontdesk.gate.blocks import IN_FORCE
from frontdesk.ledger import users


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """An identity's current plan: the assigned one until its end, else the reported one."""

    key: str
    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class ActiveBlock:
    """The parts of a block in force that the gate needs."""

    until: dt.datetime
    text: str


@dataclass(frozen=True, slots=True)
class Identity:
    """One end user as the gate sees it. One that was never recorded has only its ids."""

    id: uuid.UUID
    platform: str
    external_id: str
    language: str = ""
    limits: Limits = field(default_factory=dict)
    plan: PlanTerms | None = None
    block: ActiveBlock | None = None

    @property
    def key(self) -> users.Identity:
        """The ledger's key for locking it."""
        return self.id, self.platform, self.external_id


LinkedIdentities = list[Identity]
"""The identities that count as one user, the requested one first; only that one if unlinked."""


def read(ids: Collection[uuid.UUID], now: dt.datetime) -> dict[uuid.UUID, LinkedIdentities]:
    """Each of these end users with the linked ones. Users that do not exist are left out."""
    rows = bulk.select(
        _WITH_LINKED,
        {"id": "uuid", "now": "timestamptz"},
        [(id_, now) for id_ in ids],
        ["uuid", "uuid", *["text"] * 3, "json", *["text"] * 2, "json", "timestamptz", "text"],
    )
    found: dict[uuid.UUID, dict[uuid.UUID, Identity]] = defaultdict(dict)
    for requested, id_, platform, external_id, language, limits, *rest in rows:
        plan_key, plan_name, plan_limits, until, text = rest
        plan = PlanTerms(plan_key, plan_name, plan_limits) if plan_key else None
        block = ActiveBlock(until, text) if until else None
        found[requested][id_] = Identity(
            id_, platform, external_id, language, limits or {}, plan, block
        )
    return {id_: _self_first(id_, group) for id_, group in found.items() if id_ in group}


def lock(
    agent_id: uuid.UUID, identity: users.Identity, now: dt.datetime
) -> tuple[LinkedIdentities, users.UserState]:
    """Lock this identity and all linked ones, then read them.

    On PostgreSQL a row is created for an identity that does not exist. Its state is new, and
    `forget` removes the row if nothing is recorded.
    """
    user_id = identity[0]
    wanted = {identity}
    found = read([user_id], now)
    while True:
        # The links are certain only when all of these are locked. New ones are then locked as well,
        # and a deadlock that this may cause is retried.
        wanted |= _keys(found.values())
        states = users.lock(agent_id, wanted)
        # A missing linked user was erased since it was read: its row must not be recreated.
        users.delete_placeholders(state for state in states.values() if state.id != user_id)
        found = read([user_id], now)
        if _keys(found.values()) <= wanted:
            return found.get(user_id) or [Identity(*identity)], states[user_id]


def forget(state: users.UserState) -> None:
    """Remove the row of an identity that was locked but never recorded."""
    users.delete_placeholders([state])


def _keys(groups: Iterable[LinkedIdentities]) -> set[users.Identity]:
    return {identity.key for linked in groups for identity in linked}


def _self_first(own_id: uuid.UUID, group: dict[uuid.UUID, Identity]) -> LinkedIdentities:
    return [group[own_id], *(group[id_] for id_ in sorted(group) if id_ != own_id)]


# Like a block, a plan applies until its own end; no job is needed for that.
_WITH_LINKED = f"""
WITH requested AS (SELECT r.id, r.now FROM {{given}}),
linked AS (
  SELECT requested.id AS requested, requested.id AS id, requested.now AS now FROM requested
  UNION ALL
  SELECT me.id, other.id, requested.now FROM requested
  CROSS JOIN ledger_enduser me CROSS JOIN ledger_enduser other
  WHERE me.id = requested.id AND other.person_id = me.person_id AND other.id <> me.id
)
SELECT linked.requested, u.id, u.platform, u.external_id, u.language, l.limits,
  p.key, p.name, p.limits, b.until, b.text
FROM linked CROSS JOIN ledger_enduser u
LEFT JOIN gate_userlimits l ON l.end_user_id = u.id
LEFT JOIN gate_block b ON b.end_user_id = u.id AND {IN_FORCE.format(now="linked.now")}
LEFT JOIN agents_plan p ON p.agent_id = u.agent_id AND p.key = CASE
  WHEN u.assigned_plan <> '' AND (u.plan_until IS NULL OR u.plan_until > linked.now)
  THEN u.assigned_plan ELSE u.plan END
WHERE u.id = linked.id
"""
