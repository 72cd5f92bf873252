"""How many users match, and which condition finds the fewest users."""

import datetime as dt
from dataclasses import replace

from django.db.models import Sum

from frontdesk.agents.models import Agent
from frontdesk.core.sql.budget import TooSlowError, time_budget
from frontdesk.core.sql.statements import Sql, read_rows
from frontdesk.ledger.models import FacetCount
from frontdesk.people.table.conditions import Condition
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.pinned import resolve
from frontdesk.people.table.selection import Selection
from frontdesk.people.table.users_query import UsersQuery

BOUND = 10_000
"""Matches are counted up to this number; beyond it, a list shows "10,000+"."""

WIDE_BOUND = 100_000
"""With several filters, the rarest one may find this many users to be gathered: few of them may
pass the other filters, and a walk might visit all users to find those few."""

BUDGET = 2.0
"""The time limit of the database for one list, in seconds."""

COUNT_BUDGET = 0.5
"""The time limit for counting users that match several filters, or that have just written."""


def count(agent: Agent, query: UsersQuery) -> int | None:
    """How many users match, exactly; None when counting them takes too long."""
    selection = Selection.of(agent, query)
    total = stored_total(selection, query)
    if total is not None:
        return total
    try:
        with time_budget(BUDGET):
            selection, pinned = resolve(agent, query)
            return count_found(selection, finder(selection)) + len(pinned)
    except TooSlowError:
        return None


def count_new(agent: Agent, query: UsersQuery, since: dt.datetime, bound: int = 100) -> int:
    """How many of the matching users have written after `since`, counted up to `bound`.

    Raises TooSlowError.
    """
    matching = Selection.of(agent, query)
    newer = Condition("u.last_message_at > %s", (since,), "last_message_at")
    selection = replace(matching, conditions=(newer, *matching.conditions))
    with time_budget(COUNT_BUDGET):
        return count_found(selection, newer, bound)


def narrow(selection: Selection) -> Sql | None:
    """FROM and WHERE by an index that finds at most `BOUND` users, if there is one."""
    if condition := rarest(selection, BOUND):
        return selection.found_by(condition)
    if selection.match and count_found(selection, bound=BOUND + 1) <= BOUND:
        return selection.found_by(None)
    return None


def stored_total(selection: Selection, query: UsersQuery) -> int | None:
    """How many users match, if that is stored: for all users, or for values of one facet."""
    counted = (FILTERS[name].counted(value) for name, value in query.filters.items())
    chosen = [each for each in counted if each is not None]
    if selection.match or len(selection.conditions) > len(chosen) or len(chosen) > 1:
        return None
    if chosen:
        facet, values = chosen[0]
        counts = FacetCount.objects.filter(agent=selection.agent, facet=facet, value__in=values)
    else:
        facet = FacetCount.Facet.PLATFORM
        counts = FacetCount.objects.filter(agent=selection.agent, facet=facet)
    return counts.aggregate(total=Sum("users"))["total"] or 0


def finder(selection: Selection) -> Condition | None:
    """The condition to find users by, if it is not known how many each condition finds."""
    if selection.match:
        return None
    return next((condition for condition in selection.conditions if condition.finds), None)


def rarest(selection: Selection, bound: int) -> Condition | None:
    """The condition that finds the fewest users in its index, if they are at most `bound`."""
    finders = [condition for condition in selection.conditions if condition.finds]
    if not finders:
        return None
    parts, params = [], []
    for condition in finders:
        source, own = selection.counted(condition)
        parts.append(f"(SELECT count(*) FROM (SELECT 1 {source} LIMIT {bound + 1}) AS hits)")
        params += own
    counts = dict(zip(finders, read_rows(f"SELECT {', '.join(parts)}", params)[0], strict=True))
    fewest = min(finders, key=lambda condition: counts[condition])
    return fewest if counts[fewest] <= bound else None


def count_found(
    selection: Selection, condition: Condition | None = None, bound: int | None = None
) -> int:
    """How many users this condition's index finds or, without a condition, the words' index."""
    source, params = selection.found_by(condition)
    limit = f" LIMIT {bound}" if bound else ""
    return int(read_rows(f"SELECT count(*) FROM (SELECT 1 {source}{limit}) AS hits", params)[0][0])
