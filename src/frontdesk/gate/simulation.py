"""Estimates what a limit would have done in the last days, from users' daily activity.

It does not consider that a limit changes how much users write. The order of messages within a day
does not matter: with a limit of 9, a quarter of the cost of a day with 12 messages counts as saved.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from frontdesk.agents.limits import LIMITS, LimitKind
from frontdesk.agents.models import Agent, Plan
from frontdesk.core.formats import number
from frontdesk.core.money import about_dollars
from frontdesk.core.sql import statements
from frontdesk.core.sql.budget import TooSlowError, time_budget
from frontdesk.core.sql.dialect import dialect

DAYS = 30
"""Today and the days before it, which count as one month for a monthly limit."""

BUDGET = 2.0
"""The time limit of the database, in seconds."""

SIMULATABLE = frozenset(key for key, kind in LIMITS.items() if kind.is_daily)
"""The limits that can be simulated: daily activity has no minutes and no message lengths."""


@dataclass(frozen=True)
class Simulation:
    """How many people a limit would have stopped at least once, and the cost it would have saved.

    `people` are all who wrote in these days and to whom it would apply; identities of one Person
    count as one. `saved` is an estimate in micro-dollars. `unknown` has the messages in words that
    the limit does not count, if there are any. If not `is_ready`, it took too long and the numbers
    are meaningless.
    """

    stopped: int
    people: int
    saved: int
    unknown: str = ""
    is_ready: bool = True

    @property
    def text(self) -> str:
        """In one sentence."""
        if not self.is_ready:
            return _("There are too many people to simulate this at once.")
        values = {
            "days": DAYS,
            "stopped": number(self.stopped),
            "people": number(self.people),
            "dollars": about_dollars(self.saved),
        }
        if not self.people:
            text = _("In the last %(days)s days, this would have applied to no one.")
        elif not self.stopped:
            text = _(
                "In the last %(days)s days, this would have stopped none of %(people)s people."
            )
        elif not values["dollars"]:
            text = _(
                "In the last %(days)s days, this would have stopped %(stopped)s of"
                " %(people)s people and saved next to nothing."
            )
        else:
            text = _(
                "In the last %(days)s days, this would have stopped %(stopped)s of"
                " %(people)s people and saved about %(dollars)s."
            )
        return f"{text % values} {self.unknown}".rstrip()


def simulate(agent: Agent, key: str, value: int, plan: str | None = None) -> Simulation:
    """Simulate a daily or monthly limit of the agent, or of the plan with this key.

    It applies to users without a more specific limit of the same kind: for the agent's limit, users
    without one of their plan or their own; for a plan's limit, users without one of their own.
    Raises ValueError for a limit that is not in `SIMULATABLE`.
    """
    if key not in SIMULATABLE:
        raise ValueError(f"{key} cannot be simulated: only {', '.join(sorted(SIMULATABLE))}")
    try:
        with time_budget(BUDGET):
            return _simulate(agent, LIMITS[key], value, plan)
    except TooSlowError:
        return Simulation(0, 0, 0, is_ready=False)


def _simulate(agent: Agent, kind: LimitKind, value: int, plan: str | None) -> Simulation:
    today = timezone.now().astimezone(agent.zone).date()
    first = today - dt.timedelta(days=DAYS - 1)
    where, params = _affected(agent, kind.key, plan)
    amount = kind.quantity.day_column
    by_day = ", d.day" if kind.window == "day" else ""
    unknown = kind.quantity.unknown_column
    # No user is active after the day of their last message; a margin of a day is for time zones.
    since = dt.datetime.combine(first - dt.timedelta(days=2), dt.time(), dt.UTC)
    over = "CASE WHEN amount > %s THEN 1 ELSE 0 END"
    # For cost, both formulas are equal, but the product might not fit into 64 bits.
    part = "(amount - %s)" if amount == "cost" else "cost * (amount - %s) / amount"
    rows = statements.read_rows(
        "WITH used AS ("
        " SELECT COALESCE(u.person_id, u.id) AS who,"
        f"  CAST(SUM(d.{amount}) AS bigint) AS amount,"
        "  CAST(SUM(d.cost) AS bigint) AS cost, SUM(d.messages_sent) AS sent,"
        f"  SUM({f'd.{unknown}' if unknown else '0'}) AS unknown"
        " FROM ledger_enduser u JOIN ledger_dailyactivity d ON d.end_user_id = u.id"
        f" WHERE {where} AND u.last_message_at >= %s AND d.day BETWEEN %s AND %s"
        f" GROUP BY COALESCE(u.person_id, u.id){by_day}"
        "), people AS ("
        f" SELECT who, MAX({over}) AS is_over, SUM(sent) AS sent, SUM(unknown) AS unknown,"
        f"  SUM(CASE WHEN amount > %s THEN {part} ELSE 0 END) AS saved"
        " FROM used GROUP BY who)"
        " SELECT COALESCE(SUM(is_over), 0), COUNT(*), CAST(COALESCE(SUM(saved), 0) AS bigint),"
        "  CAST(COALESCE(SUM(unknown), 0) AS bigint)"
        " FROM people WHERE sent > 0",
        [*params, since, first, today, value, value, value],
    )
    ((stopped, people, saved, messages),) = rows
    return Simulation(int(stopped), people, saved, kind.quantity.write_unknown(messages))


def _affected(agent: Agent, key: str, plan: str | None) -> tuple[str, list[Any]]:
    """The users for whom this limit would be the most specific one."""
    has_own, has_own_params = dialect().json_has_key("l.limits", key)
    where = (
        "u.agent_id = %s AND NOT EXISTS"
        f" (SELECT 1 FROM gate_userlimits l WHERE l.end_user_id = u.id AND {has_own})"
    )
    params = [agent.id, *has_own_params]
    if plan is not None:
        return f"{where} AND u.subscription = %s", [*params, plan]
    plans = Plan.objects.filter(agent=agent).values_list("key", "limits")
    limited = [name for name, limits in plans if key in limits]
    if limited:
        marks = statements.placeholders(limited)
        where += f" AND (u.subscription IS NULL OR u.subscription NOT IN ({marks}))"
    return where, [*params, *limited]
