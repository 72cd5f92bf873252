"""Filters as SQL on a user `u`, and by what index those who meet them are found."""

import datetime as dt
from typing import Any, NamedTuple

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.core.http.parameters import Days
from frontdesk.core.sql.statements import marks
from frontdesk.gate import blocks
from frontdesk.ledger.models import NEVER
from frontdesk.people.table.filters import DATES, RANGES, UsersQuery

_TICK = dt.timedelta(microseconds=1)


class Condition(NamedTuple):
    """A filter: SQL that decides on a user `u`, and what finds those who meet it.

    That is the index of the column that it is about, or else `ids`: SQL that selects their ids from
    an index of its own, some of them perhaps twice. A condition with neither only decides.
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
        """Who does not meet it: most users, so nothing finds them."""
        return Condition(f"NOT {self.sql}", self.params)


def conditions(agent: Agent, query: UsersQuery) -> list[Condition]:
    """The filters of a query, the words apart."""
    found = [*_facets(query), *_tags(agent, query), *_status(agent, query)]
    for name, column in DATES.items():
        low, high = query.moments(name)
        if low is not None or high is not None:
            moments = [(">=", _after_never(low))] + ([("<", high)] if high else [])
            found.append(_range(column, moments))
    found += _activity(agent, query)
    # "At least" comes first, for it is met by fewer: most users have written little.
    for name, span in sorted(query.ranges.items(), key=lambda item: item[1].low is None):
        bounds = [(sign, v) for sign, v in ((">=", span.low), ("<=", span.high)) if v is not None]
        found.append(_range(RANGES[name], bounds) if RANGES[name] else _per_session(bounds))
    if query.quiet_since is not None:
        moments = [(">=", _after_never(None)), ("<=", query.quiet_since)]
        found.append(_range("last_message_at", moments))
    if query.known_by is not None:
        found.append(Condition("u.first_seen_at <= %s", (query.known_by,)))
    return found


def _facets(query: UsersQuery) -> list[Condition]:
    found = []
    for column, values in (("platform", query.platforms), ("language", query.languages)):
        if values:
            found.append(Condition(f"u.{column} IN ({marks(values)})", values, column))
    keys = tuple(key for key in query.plans if key)
    has_one = f"u.subscription IN ({marks(keys)})"
    if query.plans and len(keys) == len(query.plans):
        found.append(Condition(has_one, keys, "subscription"))
    elif query.plans:
        none = "u.subscription IS NULL"
        found.append(Condition(f"({none} OR {has_one})" if keys else none, keys))
    return found


def _tags(agent: Agent, query: UsersQuery) -> list[Condition]:
    """When all of the tags are wanted, each is a condition of its own: the rarest may find."""
    if not query.tags:
        return []
    if query.tags_mode == "all":
        return [_has_tag(agent, (name,)) for name in query.tags]
    has_any = _has_tag(agent, query.tags)
    return [has_any.negated() if query.tags_mode == "none" else has_any]


def _activity(agent: Agent, query: UsersQuery) -> list[Condition]:
    found = []
    if joined := query.days.get("joined"):
        bounds = [(">=", joined.first), ("<=", joined.last)]
        given = [(sign, str(day)) for sign, day in bounds if day is not None]
        found.append(_range("first_active_on", given))
    found += [_was_active(query.days[name]) for name in ("active", "also") if name in query.days]
    if inactive := query.days.get("inactive"):
        if inactive.first and not inactive.last:  # the same as: whose last message was before
            midnight = dt.datetime.combine(inactive.first, dt.time.min, agent.zone)
            found.append(_range("last_message_at", [("<", midnight)]))
        else:
            found.append(_was_active(inactive).negated())
    return found


def _was_active(days: Days) -> Condition:
    """Who sent a message on one of these days: found by the days' own index, of all agents."""
    first, last = str(days.first or dt.date.min), str(days.last or dt.date.max)
    within = "d.day >= %s AND d.day <= %s AND d.messages_sent > 0"
    return Condition(
        f"EXISTS (SELECT 1 FROM ledger_dailyactivity d WHERE d.end_user_id = u.id AND {within})",
        (first, last),
        ids=f"SELECT d.end_user_id AS id FROM ledger_dailyactivity d WHERE {within}",
        ids_params=(first, last),
    )


def _has_tag(agent: Agent, names: tuple[str, ...]) -> Condition:
    named = f"t.name IN ({marks(names)})"
    return Condition(
        f"EXISTS (SELECT 1 FROM ledger_usertag t WHERE t.end_user_id = u.id AND {named})",
        names,
        ids=f"SELECT t.end_user_id AS id FROM ledger_usertag t WHERE t.agent_id = %s AND {named}",
        ids_params=(agent.id, *names),
    )


def _status(agent: Agent, query: UsersQuery) -> list[Condition]:
    if query.status == "linked":
        return [Condition("u.person_id IS NOT NULL", (), "person_id")]
    if query.status == "unreachable":
        return [Condition("u.unreachable_since IS NOT NULL", (), "unreachable_since")]
    if query.status == "near":
        return [is_near(agent)]
    if query.status:
        blocked = is_blocked(agent, query.now or timezone.now())
        return [blocked if query.status == "blocked" else blocked.negated()]
    return []


def is_near(agent: Agent) -> Condition:
    """Who had used 80 % of a limit or more when that was last looked at."""
    return Condition(
        "EXISTS (SELECT 1 FROM gate_nearlimit n WHERE n.end_user_id = u.id)",
        (),
        ids="SELECT n.end_user_id AS id FROM gate_nearlimit n WHERE n.agent_id = %s",
        ids_params=(agent.id,),
    )


def is_blocked(agent: Agent, now: dt.datetime) -> Condition:
    """A block holds for all identities of a Person, as at the gate."""
    return Condition(
        blocks.BLOCKED_SQL,
        (now,) * 2,
        ids=blocks.BLOCKED_IDS_SQL,
        ids_params=(agent.id, now) * 2,
    )


def _range(column: str, bounds: list[tuple[str, Any]]) -> Condition:
    sql = " AND ".join(f"u.{column} {sign} %s" for sign, _ in bounds)
    return Condition(sql, tuple(value for _, value in bounds), column)


def _per_session(bounds: list[tuple[str, int]]) -> Condition:
    """Messages sent per session, in hundredths; who has no session has no such number.

    Whoever sent 10 in each of his sessions sent 10 at least: that finds him.
    """
    fewest = max((-(-value // 100) for sign, value in bounds if sign == ">="), default=0)
    column = "total_messages_sent" if fewest else "total_sessions"
    parts = [f"u.total_messages_sent * 100 {sign} u.total_sessions * %s" for sign, _ in bounds]
    sql = " AND ".join(["u.total_messages_sent >= %s AND u.total_sessions > 0", *parts])
    return Condition(sql, (fewest, *(value for _, value in bounds)), column)


def _after_never(low: dt.datetime | None) -> Any:
    """The beginning of a range of times: who has never written is in none."""
    return max(low or NEVER, NEVER + _TICK)
