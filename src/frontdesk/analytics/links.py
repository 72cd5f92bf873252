"""Links from a number to the users whom it counts."""

import datetime as dt
import functools
import uuid
from urllib.parse import urlencode

from django.urls import reverse

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope


def users_url(scope: Scope, **filters: Period | dt.date | int | str | None) -> str:
    """The agent's list of users with these filters of `people.table.filters`, on the scope's
    platform. Empty over several agents: a list is of one.

    A period stands for both of its ends: `active=period` is `active_from` and `active_to`.
    """
    if len(scope.agents) != 1:
        return ""
    pairs = [("platform", scope.platform)] if scope.platform else []
    for name, value in filters.items():
        if isinstance(value, Period):
            pairs += [(f"{name}_from", str(value.first)), (f"{name}_to", str(value.last))]
        elif value is not None:
            pairs.append((name, str(value)))
    url = _list_of(scope.agents[0].id)
    return f"{url}?{urlencode(pairs)}" if pairs else url


@functools.lru_cache(maxsize=1_000)
def _list_of(agent_id: uuid.UUID) -> str:
    """Kept, for a page has more than a thousand links to the one list."""
    return reverse("users:users", args=[agent_id])
