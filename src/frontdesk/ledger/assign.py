"""What operators assign to users in addition to what was reported: plan, tags, attributes.

Functions for several users take at most a few hundred ids, because their rows are locked together.
Ids that are not users of the agent are skipped.
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
"""Users that are locked together by actions on all users."""


def assign_plan(
    agent_id: uuid.UUID, ids: Sequence[uuid.UUID], key: str, until: dt.datetime | None
) -> int:
    """Assign a plan to users until a time or, with None, for good; returns how many changed.

    An empty key removes the assigned plan, and the reported one applies again.
    """
    return with_retries(_assign_plan)(agent_id, ids, key, until if key else None)


def remove_plan(agent_id: uuid.UUID, ids: Sequence[uuid.UUID], key: str) -> int:
    """Remove this assigned plan from users; a plan that was assigned since is kept."""
    return with_retries(_remove_plan)(agent_id, ids, key)


def end_plans(now: dt.datetime) -> int:
    """Remove the assigned plans of all agents that have ended; returns how many."""
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
    """Add tags to users and remove others; returns how many changed.

    Reported tags stay. Names are cleaned like reported ones.
    """
    return with_retries(_change_tags)(agent_id, ids, _clean(add), _clean(remove))


def assign_attributes(agent_id: uuid.UUID, user_id: uuid.UUID, attributes: dict[str, Any]) -> bool:
    """Replace the attributes that operators assigned; returns whether they changed."""
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
    """Update the agent's counts; last, because all writers share these rows."""
    rollups = RollupChanges()
    facets.count(states, frozenset(), rollups)
    rollups.save(agent_id)


def _clean(names: Iterable[str]) -> set[str]:
    return {clean for name in names if (clean := clean_line(name))}
