"""Links from a number to the users it counts."""

import datetime as dt
from urllib.parse import urlencode

from frontdesk.analytics.query import Period
from frontdesk.analytics.scope import Scope


def users_url(scope: Scope, **filters: Period | dt.date | int | str | None) -> str:
    """The scope's page of users with these filters of `people.table.filters`, on its platform.

    Empty without such a page. A period sets both ends: `active=period` is `active_from` and
    `active_to`.
    """
    if not scope.users_page:
        return ""
    pairs = [("platform", scope.platform)] if scope.platform else []
    for name, value in filters.items():
        if isinstance(value, Period):
            pairs += [(f"{name}_from", str(value.first)), (f"{name}_to", str(value.last))]
        elif value is not None:
            pairs.append((name, str(value)))
    return f"{scope.users_page}?{urlencode(pairs)}" if pairs else scope.users_page
