"""What operators say of users beside what reporters told: plan, tags, attributes.

Acts on many users take at most some hundred ids at once, for these are locked together; ids that
are not of the agent's users are passed over.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

from frontdesk.core.sql import bulk
from frontdesk.core.sql.retries import with_retries
from frontdesk.core.text import clean_line
from frontdesk.ledger import facets, users
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.users import UserState

CHUNK = 500
"""How many users are locked at once where all of them are meant."""


def assign_plan(
    agent_id: uuid.UUID, ids: Sequence[uuid.UUID], key: str, until: dt.datetime | None
) -> int:
    """Give users a plan until a time, or (None) without end; returns how many had another.

    An empty key takes the assigned plan away, and what reporters tell counts again.
    """
    return with_retries(_assign_plan)(agent_id, ids, key, until if key else None)


def remove_plan(agent_id: uuid.UUID, ids: Sequence[uuid.UUID], key: str) -> int:
    """Take this assigned plan from users; who has been given another meanwhile keeps that."""
    return with_retries(_remove_plan)(agent_id, ids, key)


def end_plans(now: dt.datetime) -> int:
    """Take away the assigned plans, of all agents, whose time is over; returns how many."""
    ended = 0
    due = EndUser.objects.filter(plan_until__lte=now).order_by("plan_until", "id")
    while over := sorted(due.values_list("agent_id", "id")[:CHUNK]):
        for agent_id, pairs in groupby(over, key=lambda pair: pair[0]):
            ended += with_retries(_end_plans)(agent_id, [id_ for _, id_ in pairs], now)
    return ended


def change_tags(
    agent_id: uuid.UUID,
    ids: Sequence[uuid.UUID],
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> int:
    """Put tags on users and take others off; returns for how many that changed something.

    What reporters told stays. Names are cleaned as those of reporters are.
    """
    return with_retries(_change_tags)(agent_id, ids, _clean(add), _clean(remove))


def assign_attributes(agent_id: uuid.UUID, user_id: uuid.UUID, attributes: dict[str, Any]) -> bool:
    """Put these attributes in place of those that operators gave; returns whether they differ."""
    return with_retries(_assign_attributes)(agent_id, user_id, attributes)


def _assign_plan(
    agent_id: uuid.UUID, ids: Sequence[uuid.UUID], key: str, until: dt.datetime | None
) -> int:
    states = users.lock_ids(agent_id, ids)
    rows = EndUser.objects.filter(id__in=list(states))
    same = set(rows.filter(assigned_plan=key, plan_until=until).values_list("id", flat=True))
    return _set_plan(agent_id, [s for s in states.values() if s.id not in same], key, until)


def _remove_plan(agent_id: uuid.UUID, ids: Sequence[uuid.UUID], key: str) -> int:
    states = users.lock_ids(agent_id, ids)
    return _set_plan(agent_id, [s for s in states.values() if s.assigned_plan == key], "", None)


def _end_plans(agent_id: uuid.UUID, ids: Sequence[uuid.UUID], now: dt.datetime) -> int:
    states = users.lock_ids(agent_id, ids)
    rows = EndUser.objects.filter(id__in=list(states), plan_until__lte=now)
    return _set_plan(agent_id, [states[i] for i in rows.values_list("id", flat=True)], "", None)


def _set_plan(
    agent_id: uuid.UUID, states: list[UserState], key: str, until: dt.datetime | None
) -> int:
    ids = [state.id for state in states]
    EndUser.objects.filter(id__in=ids).update(assigned_plan=key, plan_until=until)
    for state in states:
        state.assigned_plan = key
    _count(agent_id, states)
    return len(states)


def _change_tags(
    agent_id: uuid.UUID, ids: Sequence[uuid.UUID], add: set[str], remove: set[str]
) -> int:
    changed = []
    for state in users.lock_ids(agent_id, ids).values():
        tags = sorted((set(state.assigned_tags) | add) - remove)
        if tags != state.assigned_tags:
            state.assigned_tags = tags
            changed.append(state)
    rows = [(state.id, state.assigned_tags) for state in changed]
    bulk.update(EndUser, ["id"], ["assigned_tags"], rows)
    facets.save_tags(agent_id, changed)
    _count(agent_id, changed)
    return len(changed)


def _assign_attributes(agent_id: uuid.UUID, user_id: uuid.UUID, attributes: dict[str, Any]) -> bool:
    users.lock_ids(agent_id, [user_id])
    user = EndUser.objects.filter(agent_id=agent_id, id=user_id).first()
    if user is None or user.assigned_attributes == attributes:
        return False
    user.assigned_attributes = attributes
    user.save(update_fields=["assigned_attributes"])
    return True


def _count(agent_id: uuid.UUID, states: Iterable[UserState]) -> None:
    """Bring the agent's counts in line; last, because all writers share them."""
    rollups = RollupChanges()
    facets.count(states, frozenset(), rollups)
    rollups.save(agent_id)


def _clean(names: Iterable[str]) -> set[str]:
    return {clean for name in names if (clean := clean_line(name))}
