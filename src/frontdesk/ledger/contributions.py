"""What erased users added to the agent's rollups stays there, without their identity.

At any time, the rollups are the sum over the present users plus the contributions of erased users.
A contribution stays in the days in which it was counted: after a change of the agent's zone or
session timeout there are no messages left to recount it from.
"""

import datetime as dt
import uuid
from collections import defaultdict
from typing import Any

from frontdesk.core.sql import bulk
from frontdesk.ledger.details import Detail
from frontdesk.ledger.models import NO_DAY, DailyActivity, EndUser, ErasedContribution
from frontdesk.ledger.rollups import DAY_COLUMNS, SENT, RollupChanges, no_figures

_KEY = ["agent_id", "kind", "platform", "day", "other_day"]
_FIGURES = ["users", "new_users", "active_users", *DAY_COLUMNS]


def of_user(user: EndUser) -> RollupChanges:
    """What one user's days add to the rollups. The user must be locked."""
    changes = RollupChanges()
    rows = DailyActivity.objects.filter(end_user_id=user.id)
    days = {}
    for day, hours, usage, *sums in rows.values_list("day", "hours", "usage", *DAY_COLUMNS):
        days[day] = sums
        changes.add_day(user.platform, day, sums)
        changes.add_detail(user.platform, day, Detail(hours, usage))
    changes.add_active_days(user.platform, [day for day, sums in days.items() if sums[SENT] > 0])
    return changes


def add(agent_id: uuid.UUID, changes: RollupChanges) -> None:
    """Add to the contributions of erased users. All users share these rows: write them last."""
    rows: list[tuple[Any, ...]] = [
        (agent_id, "day", *key, NO_DAY, 0, changes.new_users[key], changes.active_users[key], *sums)
        for key, sums in changes.days.items()
    ]
    for kind, counts in (("gap", changes.gaps), ("cohort", changes.cohorts)):
        rows += [
            (agent_id, kind, *key, users, 0, 0, *no_figures()) for key, users in counts.items()
        ]
    bulk.add(ErasedContribution, _KEY, _FIGURES, sorted(rows))
    _add_details(agent_id, changes)


def _add_details(agent_id: uuid.UUID, changes: RollupChanges) -> None:
    """Read and rewrite the rows; they must have been written, and thus locked, before."""
    details: dict[tuple[str, dt.date], Detail] = defaultdict(Detail)
    for (platform, day, hour), sent in changes.hours.items():
        details[platform, day].hours[str(hour)] = sent
    for (platform, day, model), used in changes.usage.items():
        details[platform, day].usage[model] = used
    known = ErasedContribution.objects.filter(
        agent_id=agent_id, kind="day", day__in={day for _, day in details}
    )
    written = []
    for platform, day, hours, usage in known.values_list("platform", "day", "hours", "usage"):
        if (platform, day) in details:
            total = details[platform, day].plus(hours, usage)
            key = (agent_id, "day", platform, day, NO_DAY)
            written.append((*key, total.hours, total.usage))
    bulk.update(ErasedContribution, _KEY, ["hours", "usage"], written)


def include(agent_id: uuid.UUID, sums: RollupChanges) -> None:
    """Add the contributions of erased users to sums over the present users."""
    rows = ErasedContribution.objects.filter(agent_id=agent_id)
    for (
        kind,
        platform,
        day,
        other_day,
        hours,
        usage,
        users,
        new_users,
        active_users,
        *figures,
    ) in rows.values_list(*_KEY[1:], "hours", "usage", *_FIGURES):
        if kind == "day":
            sums.add_day(platform, day, figures)
            sums.add_detail(platform, day, Detail(hours, usage))
            sums.new_users[platform, day] += new_users
            sums.active_users[platform, day] += active_users
        else:
            counts = sums.gaps if kind == "gap" else sums.cohorts
            counts[platform, day, other_day] += users
