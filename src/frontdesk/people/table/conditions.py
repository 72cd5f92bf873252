"""Filters as SQL on a user `u`, and the indexes that find the matching users."""

import datetime as dt
from typing import Any, NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.core.http.parameters import Days
from frontdesk.core.sql.statements import placeholders
from frontdesk.gate import blocks
from frontdesk.ledger.models import NEVER

_TICK = dt.timedelta(microseconds=1)


class Condition(NamedTuple):
    """SQL that tests a user `u`, and the index that finds the matching users.

    This is the index of `column`, or else `ids`: SQL that selects the ids from another index, some
    perhaps twice. A condition with neither can only test users.
    """

    sql: str
    params: tuple[Any, ...]
    column: str = ""
    ids: str = ""
    ids_params: tuple[Any, ...] = ()

    @property
    def finds(self) -> bool:
        return bool(self.column or self.ids)

    def negated(self) -> "Condition":
        """The users that do not match: most users, so no index finds them."""
        return Condition(f"NOT {self.sql}", self.params)


def bounds(column: str, ends: list[tuple[str, Any]]) -> Condition:
    """A column within some ends, each with its comparison."""
    sql = " AND ".join(f"u.{column} {comparison} %s" for comparison, _ in ends)
    return Condition(sql, tuple(value for _, value in ends), column)


def after_never(low: dt.datetime | None) -> Any:
    """The start of a range of times, which excludes users that have never written."""
    return max(low or NEVER, NEVER + _TICK)


def was_active(days: Days) -> Condition:
    """Sent a message on one of these days. The index of days, of all agents, finds them."""
    first, last = str(days.first or dt.date.min), str(days.last or dt.date.max)
    within = "d.day >= %s AND d.day <= %s AND d.messages_sent > 0"
    return Condition(
        f"EXISTS (SELECT 1 FROM ledger_dailyactivity d WHERE d.end_user_id = u.id AND {within})",
        (first, last),
        ids=f"SELECT d.end_user_id AS id FROM ledger_dailyactivity d WHERE {within}",
        ids_params=(first, last),
    )


def was_inactive(agent: Agent, days: Days) -> Condition:
    """Sent no message on any of these days."""
    if days.first and not days.last:  # the same as: the last message was before
        midnight = dt.datetime.combine(days.first, dt.time.min, agent.zone)
        return bounds("last_message_at", [("<", midnight)])
    return was_active(days).negated()


def joined(days: Days) -> Condition:
    """Sent their first message on one of these days."""
    ends = [(">=", days.first), ("<=", days.last)]
    return bounds(
        "first_active_on", [(comparison, str(day)) for comparison, day in ends if day is not None]
    )


def has_tag(agent: Agent, names: tuple[str, ...]) -> Condition:
    """Has one of these tags."""
    named = f"t.name IN ({placeholders(names)})"
    return Condition(
        f"EXISTS (SELECT 1 FROM ledger_usertag t WHERE t.end_user_id = u.id AND {named})",
        names,
        ids=f"SELECT t.end_user_id AS id FROM ledger_usertag t WHERE t.agent_id = %s AND {named}",
        ids_params=(agent.id, *names),
    )


def has_plan(keys: tuple[str, ...]) -> Condition:
    """Has one of these plans; an empty key means no plan."""
    named = tuple(key for key in keys if key)
    has_one = f"u.subscription IN ({placeholders(named)})"
    if len(named) == len(keys):
        return Condition(has_one, named, "subscription")
    none = "u.subscription IS NULL"
    return Condition(f"({none} OR {has_one})" if named else none, named)


def is_of_a_person(agent: Agent) -> Condition:
    """Is linked. Found by the agent's own Persons: the index of links has those of all agents."""
    return Condition(
        "u.person_id IS NOT NULL",
        (),
        ids="SELECT e.id AS id FROM ledger_person p JOIN ledger_enduser e ON e.person_id = p.id"
        " WHERE p.agent_id = %s",
        ids_params=(agent.id,),
    )


def is_near_limit(agent: Agent) -> Condition:
    """Had used 80 % of a limit or more at the last check."""
    return Condition(
        "EXISTS (SELECT 1 FROM gate_nearlimit n WHERE n.end_user_id = u.id)",
        (),
        ids="SELECT n.end_user_id AS id FROM gate_nearlimit n WHERE n.agent_id = %s",
        ids_params=(agent.id,),
    )


def is_blocked(agent: Agent, now: dt.datetime) -> Condition:
    """Is blocked. As at the gate, a block applies to all identities of a Person."""
    return Condition(
        blocks.BLOCKED_SQL,
        (now,) * 2,
        ids=blocks.BLOCKED_IDS_SQL,
        ids_params=(agent.id, now) * 2,
    )


def sent_per_session(ends: list[tuple[str, int]]) -> Condition:
    """Messages sent per session, in hundredths. Users without a session do not match.

    Users that sent 10 messages per session sent at least 10 in total: an index finds those.
    """
    fewest = max((-(-value // 100) for comparison, value in ends if comparison == ">="), default=0)
    column = "total_messages_sent" if fewest else "total_sessions"
    parts = [
        f"u.total_messages_sent * 100 {comparison} u.total_sessions * %s" for comparison, _ in ends
    ]
    sql = " AND ".join(["u.total_messages_sent >= %s AND u.total_sessions > 0", *parts])
    return Condition(sql, (fewest, *(value for _, value in ends)), column)
