"""Marks who is near a limit, every few minutes: what the list of users is filtered by.

It lags behind, and says as of when it is. The gate never looks at it.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from frontdesk.agents.limits import LIMITS
from frontdesk.agents.models import Agent, Plan
from frontdesk.gate import identities, usage
from frontdesk.gate.identities import Human
from frontdesk.gate.limits import rules
from frontdesk.gate.models import NearLimit, UserLimits
from frontdesk.gate.windows import Windows
from frontdesk.ledger import users
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.record import with_retries

NEAR = 80
"""Percent of a limit from which on it is near."""

CHUNK = 500
WATCHED = frozenset(key for key, kind in LIMITS.items() if kind.window in ("day", "month"))

_COLUMNS = ["limit", "percent", "as_of"]
_Mark = tuple[str, int]
"""The limit of which most is used, and how much: percent."""


def mark_near_limits(agent: Agent, now: dt.datetime) -> int:
    """Mark the agent's users who have used 80 % of a day's or a month's limit; say how many.

    Looks at those who wrote in this month, chunk by chunk.
    """
    windows = Windows.of(now, agent.zone)
    marked = 0
    for ids in _candidates(agent, windows):
        near = _near(agent, ids, windows, now)
        with_retries(_save)(agent.id, near, now)
        marked += len(near)
    NearLimit.objects.filter(agent=agent, as_of__lt=now).delete()
    return marked


def _candidates(agent: Agent, windows: Windows) -> Iterator[list[uuid.UUID]]:
    """Who may have used something in this month, and for whom something is limited."""
    active = EndUser.objects.filter(agent=agent, last_message_at__gte=windows.month[0])
    plans = Plan.objects.filter(agent=agent).values_list("limits", flat=True)
    if not any(WATCHED & limits.keys() for limits in (agent.limits, *plans)):
        own = UserLimits.objects.filter(agent=agent).values("end_user_id")
        persons = EndUser.objects.filter(id__in=own, person_id__isnull=False).values("person_id")
        limited = active.filter(id__in=own) | active.filter(person_id__in=persons)
        yield from _chunks(list(limited.order_by("id").values_list("id", flat=True)))
        return
    # Who writes meanwhile moves on, to where the walk has not been.
    rest = active.order_by("last_message_at", "id").values_list("id", "last_message_at")
    chunk = list(rest[:CHUNK])
    while chunk:
        yield [id_ for id_, _ in chunk]
        id_, at = chunk[-1]
        # Said twice for the index: it starts at the first condition, and the second is exact.
        rest_of = rest.filter(last_message_at__gte=at).exclude(last_message_at=at, id__lte=id_)
        chunk = list(rest_of[:CHUNK])


def _chunks(ids: Sequence[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])


def _near(
    agent: Agent, ids: Sequence[uuid.UUID], windows: Windows, now: dt.datetime
) -> dict[uuid.UUID, _Mark]:
    humans = identities.read(ids, now)
    everybody = {identity.id for human in humans.values() for identity in human}
    used = usage.used(everybody, WATCHED, windows)
    marks = {id_: _most_used(agent, human, used) for id_, human in humans.items()}
    return {id_: mark for id_, mark in marks.items() if mark is not None and mark[1] >= NEAR}


def _most_used(agent: Agent, human: Human, used: Mapping[uuid.UUID, Counter[str]]) -> _Mark | None:
    found = []
    for rule in rules(agent, human):
        if rule.key in WATCHED and rule.value is not None:
            amount = sum(used[identity.id][rule.key] for identity in human)
            found.append((rule.key, amount * 100 // rule.value if rule.value else 100))
    return max(found, key=lambda mark: mark[1], default=None)


def _save(agent_id: uuid.UUID, near: Mapping[uuid.UUID, _Mark], now: dt.datetime) -> None:
    """Only a new row needs the lock: without it, one could be left behind by an erasure."""
    if not near:
        return

    def row(id_: uuid.UUID) -> NearLimit:
        limit, percent = near[id_]
        return NearLimit(
            end_user_id=id_, agent_id=agent_id, limit=limit, percent=percent, as_of=now
        )

    known = set(
        NearLimit.objects.filter(end_user_id__in=near).values_list("end_user_id", flat=True)
    )
    NearLimit.objects.bulk_update([row(id_) for id_ in sorted(known)], _COLUMNS)
    NearLimit.objects.bulk_create(
        [row(id_) for id_ in users.lock_ids(agent_id, near.keys() - known)],
        update_conflicts=True,
        unique_fields=["end_user"],
        update_fields=_COLUMNS,
    )
