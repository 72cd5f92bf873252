"""How many Persons the users of a period are: linked identities are one."""

from django.db.models import Count, Exists, OuterRef

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope
from frontdesk.core.sql.budget import TooSlowError, time_budget
from frontdesk.ledger.models import DailyActivity, EndUser, Person

BUDGET = 1.0
"""Seconds. Links are not in the rollups, so this reads the linked users."""


def persons_in(scope: Scope, period: Period, users: int) -> int | None:
    """The number of Persons that these distinct users of the period are.

    None: as many, or there are too many linked users to count them.
    """
    active = DailyActivity.objects.filter(
        end_user=OuterRef("id"), day__range=period, messages_sent__gt=0
    )
    # By person, and without the agent: with it, SQLite would read all users of the agent.
    persons = Person.objects.filter(agent__in=scope.agents).values("id")
    linked = EndUser.objects.filter(Exists(active), person_id__in=persons)
    if scope.platform:
        linked = linked.filter(platform=scope.platform)
    try:
        with time_budget(BUDGET):
            found = linked.aggregate(
                identities=Count("id"), persons=Count("person_id", distinct=True)
            )
    except TooSlowError:
        return None
    repeated: int = found["identities"] - found["persons"]
    return users - repeated if repeated else None
