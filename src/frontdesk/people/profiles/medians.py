"""The agent's medians that a user's figures are compared with.

They are computed from all users who have written or, if there are more than `MAX_USERS`, from a
random sample of that size: ids are hashes, so the users that follow a random id are a fair sample.
They are recomputed in the background when an operator opens a profile and they are older than
`MAX_AGE`.
"""

import datetime as dt
import random
import uuid
from collections import defaultdict
from statistics import median

from django.db.models import Sum
from django.utils import timezone
from django_tasks import task

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import NEVER, DailyActivity, EndUser, FacetCount
from frontdesk.people.models import Medians
from frontdesk.people.profiles.figures import COLUMNS, Totals, measure

MAX_USERS = 2_000
MAX_AGE = dt.timedelta(hours=1)
MAX_DAYS = 20_000
"""The most active days that are read while an operator waits for the page."""


def medians_of(agent: Agent) -> Medians | None:
    """The latest medians; None if they have yet to be computed in the background."""
    found = Medians.objects.filter(agent=agent).first()
    if found is None and _is_small(agent):
        found = compute(agent)
    elif found is None or found.as_of < timezone.now() - MAX_AGE:
        _request(agent, found)
    return found if found and found.users else None


def _request(agent: Agent, found: Medians | None) -> None:
    """Start a single computation: only the request that updates the row's time starts it."""
    now = timezone.now()
    if found is None:
        _, is_first = Medians.objects.get_or_create(agent=agent, defaults={"as_of": now})
    else:
        due = Medians.objects.filter(agent=agent, as_of=found.as_of)
        is_first = bool(due.update(as_of=now))
    if is_first:
        compute_medians.enqueue(str(agent.id))


@task()
def compute_medians(agent_id: str) -> None:
    """Compute an agent's medians. Safe to repeat."""
    agent = Agent.objects.filter(id=uuid.UUID(agent_id)).first()
    if agent:
        compute(agent)


def compute(agent: Agent, max_users: int = MAX_USERS) -> Medians:
    """Compute the medians and store them."""
    users, is_sample = _sample(agent, max_users)
    days = _days([user.id for user in users])
    today = timezone.now().astimezone(agent.zone).date()
    values: dict[str, list[float]] = defaultdict(list)
    for user in users:
        for key, value in measure(Totals.of([user]), days[user.id], today).items():
            if value is not None:
                values[key].append(value)
    found, _ = Medians.objects.update_or_create(
        agent=agent,
        defaults={
            "figures": {key: median(numbers) for key, numbers in values.items()},
            "users": len(users),
            "is_sample": is_sample,
            "as_of": timezone.now(),
        },
    )
    return found


def _is_small(agent: Agent) -> bool:
    counts = FacetCount.objects.filter(agent=agent, facet=FacetCount.Facet.PLATFORM)
    users = counts.aggregate(users=Sum("users"))["users"] or 0
    if users > MAX_USERS:
        return False
    days = EndUser.objects.filter(agent=agent).aggregate(days=Sum("active_days"))["days"] or 0
    return int(days) <= MAX_DAYS


def _sample(agent: Agent, max_users: int) -> tuple[list[EndUser], bool]:
    """All users who have written or a sample of them, and whether it is a sample."""
    written = EndUser.objects.filter(agent=agent, last_message_at__gt=NEVER)
    users = written.only("id", "first_seen_at", "last_message_at", *COLUMNS)
    found = list(users.order_by("-last_message_at")[: max_users + 1])
    if len(found) <= max_users:
        return found, False
    pivot = uuid.UUID(int=random.getrandbits(128))
    drawn = list(users.filter(id__gte=pivot).order_by("id")[:max_users])
    if len(drawn) < max_users:
        drawn += users.filter(id__lt=pivot).order_by("id")[: max_users - len(drawn)]
    return drawn, True


def _days(ids: list[uuid.UUID]) -> dict[uuid.UUID, list[dt.date]]:
    days: dict[uuid.UUID, list[dt.date]] = defaultdict(list)
    for start in range(0, len(ids), 500):  # SQLite limits the number of parameters
        rows = DailyActivity.objects.filter(
            end_user_id__in=ids[start : start + 500], messages_sent__gt=0
        )
        for user, day in rows.order_by("end_user_id", "day").values_list("end_user_id", "day"):
            days[user].append(day)
    return days
