"""The sender of a message: the end user, and those linked with it as one Person.

One statement reads what the gate needs of them: their blocks, own limits and plans.
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
    """The plan that an identity has now: the assigned one until its end, else the reported one."""

    key: str
    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class ActiveBlock:
    """What the gate needs of a block that is in force."""

    until: dt.datetime
    text: str


@dataclass(frozen=True, slots=True)
class Identity:
    """One end user as the gate sees it. One that has never been recorded has only its ids."""

    id: uuid.UUID
    platform: str
    external_id: str
    language: str = ""
    limits: Limits = field(default_factory=dict)
    plan: PlanTerms | None = None
    block: ActiveBlock | None = None

    @property
    def key(self) -> users.Identity:
        """What the ledger locks it by."""
        return self.id, self.platform, self.external_id


LinkedIdentities = list[Identity]
"""The identities that count as one user, the requested one first; alone unless it is linked."""


def read(ids: Collection[uuid.UUID], now: dt.datetime) -> dict[uuid.UUID, LinkedIdentities]:
    """Each of these end users with those linked to it. Users that do not exist are left out."""
    rows = bulk.select(
        _WITH_LINKED,
        {"id": "uuid", "now": "timestamptz"},
        [(id_, now) for id_ in ids],
        ["uuid", "uuid", *["text"] * 3, "json", *["text"] * 2, "json", "timestamptz", "text"],
    )
    found: dict[uuid.UUID, dict[uuid.UUID, Identity]] = defaultdict(dict)
    for asked, id_, platform, external_id, language, limits, *rest in rows:
        plan_key, plan_name, plan_limits, until, text = rest
        plan = PlanTerms(plan_key, plan_name, plan_limits) if plan_key else None
        block = ActiveBlock(until, text) if until else None
        found[asked][id_] = Identity(
            id_, platform, external_id, language, limits or {}, plan, block
        )
    return {asked: _self_first(asked, group) for asked, group in found.items() if asked in group}


def lock(
    agent_id: uuid.UUID, asked: users.Identity, now: dt.datetime
) -> tuple[LinkedIdentities, users.UserState]:
    """Lock this identity with all that are linked to it, then read them.

    On PostgreSQL a row is created for an identity that does not exist: its state is new, and
    `forget` removes the row when nothing is recorded.
    """
    wanted = {asked}
    found = read([asked[0]], now)
    while True:
        # The links are certain only when all of these are locked. New ones are locked as well, and
        # a deadlock that this may lead to is retried.
        wanted |= _keys(found.values())
        states = users.lock(agent_id, wanted)
        # A linked one that is missing was erased since it was read: its row must not come back.
        users.delete_placeholders(state for state in states.values() if state.id != asked[0])
        found = read([asked[0]], now)
        if _keys(found.values()) <= wanted:
            return found.get(asked[0]) or [Identity(*asked)], states[asked[0]]


def forget(state: users.UserState) -> None:
    """Remove the row of an identity that was locked and never recorded."""
    users.delete_placeholders([state])


def _keys(groups: Iterable[LinkedIdentities]) -> set[users.Identity]:
    return {identity.key for linked in groups for identity in linked}


def _self_first(asked: uuid.UUID, group: dict[uuid.UUID, Identity]) -> LinkedIdentities:
    return [group[asked], *(group[id_] for id_ in sorted(group) if id_ != asked)]


# A plan counts until its own end, as a block does: no job decides that.
_WITH_LINKED = f"""
WITH asked AS (SELECT r.id, r.now FROM {{given}}),
who AS (
  SELECT asked.id AS asked, asked.id AS id, asked.now AS now FROM asked
  UNION ALL
  SELECT me.id, other.id, asked.now FROM asked
  CROSS JOIN ledger_enduser me CROSS JOIN ledger_enduser other
  WHERE me.id = asked.id AND other.person_id = me.person_id AND other.id <> me.id
)
SELECT who.asked, u.id, u.platform, u.external_id, u.language, l.limits,
  p.key, p.name, p.limits, b.until, b.text
FROM who CROSS JOIN ledger_enduser u
LEFT JOIN gate_userlimits l ON l.end_user_id = u.id
LEFT JOIN gate_block b ON b.end_user_id = u.id AND {IN_FORCE.format(now="who.now")}
LEFT JOIN agents_plan p ON p.agent_id = u.agent_id AND p.key = CASE
  WHEN u.assigned_plan <> '' AND (u.plan_until IS NULL OR u.plan_until > who.now)
  THEN u.assigned_plan ELSE u.plan END
WHERE u.id = who.id
"""
