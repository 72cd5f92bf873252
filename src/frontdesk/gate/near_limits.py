"""Marks users who are near a limit, every few minutes, for the filter of the Users page.

The marks lag behind and have the time of their check. The gate never reads them.
"""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Q

from frontdesk.agents.limits import LIMITS, Limits
from frontdesk.agents.models import Agent, Plan
from frontdesk.core.sql import statements
from frontdesk.core.sql.retries import with_retries
from frontdesk.gate import identities, usage
from frontdesk.gate.identities import LinkedIdentities
from frontdesk.gate.limits import rules
from frontdesk.gate.models import NearLimit, UserLimits
from frontdesk.gate.windows import Windows
from frontdesk.ledger import users
from frontdesk.ledger.models import EndUser

NEAR_PERCENT = 80
"""The percentage of a limit at which a user is near it."""

CHUNK = 500
SPAN = 10_000
"""Users that the database examines in one statement."""
WATCHED = frozenset(key for key, kind in LIMITS.items() if kind.is_daily)

_COLUMNS = ["limit", "percent", "as_of"]
_Mark = tuple[str, int]
"""The limit that is used most, and its percentage."""


def mark_near_limits(agent: Agent, now: dt.datetime) -> int:
    """Mark the agent's users who have used 80 % of a daily or monthly limit; returns how many.

    Examines users who wrote this month, chunk by chunk.
    """
    windows = Windows.of(now, agent.zone)
    marked = 0
    for ids in _candidates(agent, windows):
        marks = _marks(agent, ids, windows, now)
        with_retries(_save)(agent.id, marks, now)
        marked += len(marks)
    NearLimit.objects.filter(agent=agent, as_of__lt=now).delete()
    return marked


def _candidates(agent: Agent, windows: Windows) -> Iterator[list[uuid.UUID]]:
    """Users who may be near a limit; most are excluded by the database."""
    plans = list(Plan.objects.filter(agent=agent).values_list("limits", flat=True))
    own = UserLimits.objects.filter(agent=agent)
    if any(WATCHED & limits.keys() for limits in (agent.limits, *plans)):
        smallest = _smallest([agent.limits, *plans, *own.values_list("limits", flat=True)])
        for span in _spans(agent, windows) if smallest else ():
            yield from _chunks(_candidates_in(agent, span, windows, smallest))
        return
    limited = own.values("end_user_id")
    persons = EndUser.objects.filter(id__in=limited, person_id__isnull=False).values("person_id")
    active = EndUser.objects.filter(agent=agent, last_message_at__gte=windows.month[0])
    found = active.filter(Q(id__in=limited) | Q(person_id__in=persons)).order_by("id")
    yield from _chunks(list(found.values_list("id", flat=True)))


def _smallest(limits: Iterable[Limits]) -> Limits:
    """The smallest value that any scope sets, by limit."""
    found: dict[str, list[int]] = defaultdict(list)
    for each in limits:
        for key, value in each.items():
            if key in WATCHED and value is not None:
                found[key].append(value)
    return {key: min(values) for key, values in found.items()}


def _spans(agent: Agent, windows: Windows) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Split the month into spans with at most `SPAN` users each, by their last message.

    A user who writes in the meantime moves to a later span.
    """
    after = windows.month[0] - dt.timedelta(microseconds=1)
    while True:
        rest = EndUser.objects.filter(agent=agent, last_message_at__gt=after)
        ends = rest.order_by("last_message_at").values_list("last_message_at", flat=True)
        until = next(iter(ends[SPAN - 1 : SPAN]), windows.month[1])
        yield after, until
        if until == windows.month[1]:
            return
        after = until


def _candidates_in(
    agent: Agent, span: tuple[dt.datetime, dt.datetime], windows: Windows, smallest: Limits
) -> list[uuid.UUID]:
    """Users who are near the smallest limit of any scope, and all linked users."""
    sums: list[str] = []
    params: list[object] = []
    for key, value in smallest.items():
        amount = f"d.{LIMITS[key].quantity.day_column}"
        if LIMITS[key].window == "day":
            amount = f"CASE WHEN d.day = %s THEN {amount} ELSE 0 END"
            params.append(windows.today)
        sums.append(f"COALESCE(SUM({amount}), 0) * 100 >= %s")
        params.append((value or 0) * NEAR_PERCENT)
    rows = statements.read_rows(
        "SELECT u.id FROM ledger_enduser u LEFT JOIN ledger_dailyactivity d"
        "  ON d.end_user_id = u.id AND d.day BETWEEN %s AND %s"
        " WHERE u.agent_id = %s AND u.last_message_at > %s AND u.last_message_at <= %s"
        f" GROUP BY u.id HAVING u.person_id IS NOT NULL OR {' OR '.join(sums)}",
        [windows.first, windows.last, agent.id, *span, *params],
    )
    return [statements.read_id(id_) for (id_,) in rows]


def _chunks(ids: Sequence[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])


def _marks(
    agent: Agent, ids: Sequence[uuid.UUID], windows: Windows, now: dt.datetime
) -> dict[uuid.UUID, _Mark]:
    groups = identities.read(ids, now)
    all_ids = {identity.id for linked in groups.values() for identity in linked}
    used = usage.used(all_ids, WATCHED, windows)
    marks = {id_: _most_used(agent, linked, used) for id_, linked in groups.items()}
    return {id_: mark for id_, mark in marks.items() if mark and mark[1] >= NEAR_PERCENT}


def _most_used(
    agent: Agent, linked: LinkedIdentities, used: Mapping[uuid.UUID, Counter[str]]
) -> _Mark | None:
    found = []
    for rule in rules(agent, linked):
        if rule.key in WATCHED and rule.value is not None:
            amount = sum(used[identity.id][rule.key] for identity in linked)
            found.append((rule.key, amount * 100 // rule.value if rule.value else 100))
    return max(found, key=lambda mark: mark[1], default=None)


def _save(agent_id: uuid.UUID, marks: Mapping[uuid.UUID, _Mark], now: dt.datetime) -> None:
    """Save the marks. Only new rows need the lock, so that none is left behind by an erasure."""
    if not marks:
        return

    def row(id_: uuid.UUID) -> NearLimit:
        limit, percent = marks[id_]
        return NearLimit(
            end_user_id=id_, agent_id=agent_id, limit=limit, percent=percent, as_of=now
        )

    marked = NearLimit.objects.filter(end_user_id__in=marks)
    known = {id_: mark for id_, *mark in marked.values_list("end_user_id", "limit", "percent")}
    changed = [id_ for id_ in sorted(known) if known[id_] != [*marks[id_]]]
    NearLimit.objects.bulk_update(map(row, changed), _COLUMNS)
    marked.update(as_of=now)
    NearLimit.objects.bulk_create(
        [row(id_) for id_ in users.lock_ids(agent_id, marks.keys() - known)],
        update_conflicts=True,
        unique_fields=["end_user"],
        update_fields=_COLUMNS,
    )
