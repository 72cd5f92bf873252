"""A second, plain implementation of the ledger: what the database must contain after some events.

It follows the design, not the ledger's code, and is too slow for anything but small inputs.
`recount` takes the accepted events, in any order and with any repeats, and those that were only
put as profiles; `read` returns the contents
of the database in the same shape. Rows of zeros, ids of sessions and the order of rows are left
out. Money is in micro-dollars.
"""

import datetime as dt
import json
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event, message_key, user_id
from frontdesk.ledger.models import (
    NEVER,
    NO_DAY,
    AgentDay,
    AgentHour,
    Cohort,
    DailyActivity,
    EndUser,
    FacetCount,
    Message,
    ModelDay,
    ReturnGap,
    Session,
    UserTag,
)
from frontdesk.ledger.pricing import price

User = tuple[str, str]
"""A platform and an external id."""

PROFILE = ("name", "username", "email", "language", "avatar_url", "plan", "tags", "attributes")
TOTALS = (
    "total_sessions total_chat_messages total_messages_sent user_cost unpriced_messages"
    " failed_messages session_seconds active_days week_hours first_seen_at last_message_at"
    " first_active_on"
).split()
SESSION = (
    "external_id chat first_at first_position last_at messages chat_messages messages_sent cost"
    " unpriced_messages failed_messages"
).split()
FIGURES = "chat_messages messages_sent cost unpriced_messages failed_messages".split()
DAY = ["sessions", "session_seconds", *FIGURES]
MESSAGE = (
    "id sent_at position role chat session_id new_session text edited_at model input_tokens"
    " output_tokens cached_tokens cost latency_ms failed error"
).split()


@dataclass
class State:
    """Everything that recording stores for one agent."""

    profiles: dict[User, dict[str, Any]] = field(default_factory=dict)
    totals: dict[User, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[User, list[dict[str, Any]]] = field(default_factory=dict)
    messages: dict[User, list[dict[str, Any]]] = field(default_factory=dict)
    days: dict[tuple[User, dt.date], dict[str, int]] = field(default_factory=dict)
    agent_days: dict[tuple[str, dt.date], dict[str, int]] = field(default_factory=dict)
    return_gaps: dict[tuple[str, dt.date, dt.date], int] = field(default_factory=dict)
    cohorts: dict[tuple[str, dt.date, dt.date], int] = field(default_factory=dict)
    facets: dict[tuple[str, str], int] = field(default_factory=dict)
    hours: dict[tuple[str, dt.date, int], int] = field(default_factory=dict)
    models: dict[tuple[str, dt.date, str], tuple[int, int, int]] = field(default_factory=dict)
    tags: set[tuple[User, str]] = field(default_factory=set)


def recount(agent: Agent, events: Iterable[Event], profiles: Iterable[Event] = ()) -> State:
    """The expected state after these events, and these profiles without their messages."""
    state = State()
    by_user: dict[User, list[Event]] = defaultdict(list)
    for event in events:
        by_user[event.platform, event.external_id].append(event)
    put: dict[User, list[Event]] = defaultdict(list)
    for event in profiles:
        put[event.platform, event.external_id].append(event)
    for user in by_user.keys() | put.keys():
        theirs = by_user[user]
        state.profiles[user] = _profile([*theirs, *put[user]])
        state.messages[user] = _by_json(_messages(agent, user, theirs))
        state.sessions[user] = _by_json(_sessions(agent, state.messages[user]))
        for day, figures in _days(agent, state.messages[user], state.sessions[user]).items():
            state.days[user, day] = figures
        known = min(event.time for event in [*theirs, *put[user]])
        state.totals[user] = {**_totals(agent, state, user), "first_seen_at": known}
    _add_rollups(state)
    _add_details(agent, state)
    return state


def active_days(state: State) -> dict[User, list[dt.date]]:
    """The days on which each user sent a message, in order."""
    days: dict[User, list[dt.date]] = defaultdict(list)
    for (user, day), figures in sorted(state.days.items()):
        if figures["messages_sent"]:
            days[user].append(day)
    return days


def distinct_active(state: State, first: dt.date, last: dt.date) -> int:
    """How many users sent a message on the days first..last, counted one by one."""
    return sum(any(first <= day <= last for day in days) for days in active_days(state).values())


def distinct_by_return_gaps(state: State, first: dt.date, last: dt.date) -> int:
    """The same number by the formula for the ReturnGap table."""
    return sum(
        users
        for (_, day, previous), users in state.return_gaps.items()
        if first <= day <= last and previous < first
    )


def read(agent: Agent) -> State:
    """The state in the database of this agent."""
    state = State()
    users = {user.id: user for user in EndUser.objects.filter(agent=agent)}
    names = {id: (user.platform, user.external_id) for id, user in users.items()}
    for id, user in users.items():
        assert id == user_id(agent.id, *names[id])
        state.profiles[names[id]] = {name: getattr(user, name) for name in PROFILE}
        state.totals[names[id]] = {name: getattr(user, name) for name in TOTALS}
        state.sessions[names[id]] = _read(Session.objects.filter(end_user_id=id), SESSION)
        state.messages[names[id]] = _read(Message.objects.filter(end_user_id=id), MESSAGE)
        for explicit in state.sessions[names[id]]:
            if explicit["external_id"]:
                explicit["chat"] = ""  # an explicit session may span chats
    for row in DailyActivity.objects.filter(end_user_id__in=users):
        state.days[names[row.end_user_id], row.day] = {name: getattr(row, name) for name in DAY}
    for total in AgentDay.objects.filter(agent=agent):
        columns = ["new_users", "active_users", *DAY]
        figures = {name: getattr(total, name) for name in columns}
        state.agent_days[total.platform, total.day] = figures
    for gap in ReturnGap.objects.filter(agent=agent):
        state.return_gaps[gap.platform, gap.day, gap.previous_day] = gap.users
    for cohort in Cohort.objects.filter(agent=agent):
        state.cohorts[cohort.platform, cohort.first_week, cohort.week] = cohort.users
    for tag in UserTag.objects.filter(agent=agent):
        state.tags.add((names[tag.end_user_id], tag.name))
    for facet in FacetCount.objects.filter(agent=agent):
        state.facets[facet.facet, facet.value] = facet.users
    for hour in AgentHour.objects.filter(agent=agent):
        state.hours[hour.platform, hour.day, hour.hour] = hour.messages_sent
    for used in ModelDay.objects.filter(agent=agent):
        numbers = (used.messages, used.cost, used.unpriced_messages)
        state.models[used.platform, used.day, used.model] = numbers
    state.sessions = {user: _by_json(sessions) for user, sessions in state.sessions.items()}
    _drop_zeros(state)
    return state


def _profile(events: list[Event]) -> dict[str, Any]:
    """Each field and each attribute from the newest event that has it."""
    profile: dict[str, Any] = dict.fromkeys(PROFILE, "") | {"tags": [], "attributes": {}}
    said: dict[tuple[str, ...], list[tuple[dt.datetime, str, Any]]] = defaultdict(list)
    for event in events:
        at = event.edited_at or event.time
        for name in PROFILE[:-1]:
            if (value := getattr(event, name)) is not None:
                said[name,].append((at, _order(value), value))
        for name, value in (event.attributes or {}).items():
            said["attributes", name].append((at, _order(value), value))
    for (name, *attribute), values in said.items():
        newest = max(values, key=lambda entry: entry[:2])[2]
        if not attribute:
            profile[name] = newest
        elif newest is not None:
            profile[name][attribute[0]] = newest
    return profile


def _order(value: Any) -> str:
    """The order of values with the same time: the greater one wins; null is the least."""
    if isinstance(value, str):
        return "s" + value
    return "" if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _messages(agent: Agent, user: User, events: list[Event]) -> Iterator[dict[str, Any]]:
    """One for each message id, with the text of its newest edit."""
    owner = user_id(agent.id, *user)
    versions: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        versions[message_key(owner, event)].append(event)
    for key, of_one in versions.items():
        of_one.sort(key=lambda event: event.edited_at or NEVER)
        newest = of_one[-1]
        yield {
            "id": uuid.UUID(key),
            "sent_at": newest.time,
            "position": _position(of_one),
            "role": newest.role,
            "chat": _newest(of_one, "chat") or "",
            "session_id": _newest(of_one, "session_id") or "",
            "new_session": any(event.new_session for event in of_one),
            "text": newest.text,
            "edited_at": newest.edited_at,
            "model": _newest(of_one, "model") or "",
            "input_tokens": _tokens_read(of_one)[0],
            "output_tokens": _newest(of_one, "output_tokens"),
            "cached_tokens": _tokens_read(of_one)[1],
            "cost": _cost(of_one),
            "latency_ms": _newest(of_one, "latency_ms"),
            "failed": any(event.failed or event.error for event in of_one),
            "error": _newest(of_one, "error") or "",
        }


def _newest(versions: list[Event], field: str) -> Any:
    """The field of the newest version that has it; the versions are in order."""
    values = [getattr(version, field) for version in versions]
    return next((value for value in reversed(values) if value not in (None, "")), None)


def _tokens_read(versions: list[Event]) -> tuple[int | None, int | None]:
    """Tokens read, and those of them from a cache, of the newest version that has the first."""
    pairs = [(version.input_tokens, version.cached_tokens) for version in versions]
    return next((pair for pair in reversed(pairs) if pair[0] is not None), (None, None))


def _position(versions: list[Event]) -> int:
    """Eight times the sequence that any version has, or the number at the end of the id."""
    rank = {"system": 0, "user": 1, "tool": 2, "agent": 3}[versions[0].role]
    for event in versions:
        if event.sequence is not None:
            return 8 * event.sequence + 2 * rank + 1
    found = re.search("[0-9]{1,15}$", versions[0].message_id or "")
    return 8 * int(found[0] if found else 0) + 2 * rank


def _cost(versions: list[Event]) -> int | None:
    given = _newest(versions, "cost")
    if given is not None:
        return int(given)
    read, cached = _tokens_read(versions)
    written = _newest(versions, "output_tokens")
    return price(_newest(versions, "model") or "", versions[0].time, read, written, cached)


def _figures(messages: Iterable[dict[str, Any]]) -> dict[str, int]:
    figures = dict.fromkeys(FIGURES, 0)
    for message in messages:
        used = message["model"] or any(
            message[name] is not None for name in ("input_tokens", "output_tokens", "cached_tokens")
        )
        figures["chat_messages"] += message["role"] in ("user", "agent")
        figures["messages_sent"] += message["role"] == "user"
        figures["cost"] += message["cost"] or 0
        figures["unpriced_messages"] += bool(used and message["cost"] is None)
        figures["failed_messages"] += message["role"] == "agent" and message["failed"]
    return figures


def _sessions(agent: Agent, messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    explicit: dict[str, list[dict[str, Any]]] = defaultdict(list)
    in_chat: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        if message["session_id"]:
            explicit[message["session_id"]].append(message)
        else:
            in_chat[message["chat"]].append(message)
    for external_id, together in explicit.items():
        yield _session(external_id, "", together)
    for chat, talk in in_chat.items():
        for together in _runs(talk, dt.timedelta(seconds=agent.session_timeout)):
            yield _session("", chat, together)


def _runs(messages: list[dict[str, Any]], timeout: dt.timedelta) -> Iterator[list[dict[str, Any]]]:
    """Split one chat at gaps longer than the timeout, and at boundaries."""
    messages = sorted(messages, key=lambda message: (*_place(message), not message["new_session"]))
    boundaries = [_place(message) for message in messages if message["new_session"]]
    run = messages[:1]
    for before, message in pairwise(messages):
        silence = message["sent_at"] - before["sent_at"]
        if silence > timeout or any(
            _place(before) < boundary <= _place(message) for boundary in boundaries
        ):
            yield run
            run = []
        run.append(message)
    if run:
        yield run


def _place(message: dict[str, Any]) -> tuple[dt.datetime, int]:
    return message["sent_at"], message["position"]


def _session(external_id: str, chat: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    times = [message["sent_at"] for message in messages]
    return {
        "external_id": external_id,
        "chat": chat,
        "first_at": min(times),
        "first_position": 0 if external_id else min(map(_place, messages))[1],
        "last_at": max(times),
        "messages": len(messages),
        **_figures(messages),
    }


def _days(
    agent: Agent, messages: list[dict[str, Any]], sessions: list[dict[str, Any]]
) -> dict[dt.date, dict[str, int]]:
    """What the user did on each day of the agent's zone."""
    by_day: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        by_day[message["sent_at"].astimezone(agent.zone).date()].append(message)
    days = {
        day: {"sessions": 0, "session_seconds": 0, **_figures(of_day)}
        for day, of_day in by_day.items()
    }
    for session in sessions:
        if session["messages_sent"]:
            first_day = days[session["first_at"].astimezone(agent.zone).date()]
            first_day["sessions"] += 1
            first_day["session_seconds"] += _seconds(session)
    return {day: figures for day, figures in days.items() if any(figures.values())}


def _seconds(session: dict[str, Any]) -> int:
    return int((session["last_at"] - session["first_at"]).total_seconds())


def _totals(agent: Agent, state: State, user: User) -> dict[str, Any]:
    messages, figures = state.messages[user], _figures(state.messages[user])
    sent = [message["sent_at"] for message in messages if message["role"] == "user"]
    days = active_days(state)[user]
    started = [session for session in state.sessions[user] if session["messages_sent"]]
    local = [moment.astimezone(agent.zone) for moment in sent]
    return {
        "total_sessions": len(started),
        "session_seconds": sum(map(_seconds, started)),
        "active_days": len(days),
        "week_hours": dict(Counter(str(24 * time.weekday() + time.hour) for time in local)),
        "failed_messages": figures["failed_messages"],
        "total_chat_messages": figures["chat_messages"],
        "total_messages_sent": figures["messages_sent"],
        "user_cost": figures["cost"],
        "unpriced_messages": figures["unpriced_messages"],
        "last_message_at": max(sent, default=NEVER),
        "first_active_on": days[0] if days else None,
    }


def _add_rollups(state: State) -> None:
    """The agent's tables, from each user's days and profile."""
    agent_days: dict[Any, Counter[str]] = defaultdict(Counter)
    return_gaps: Counter[Any] = Counter()
    cohorts: Counter[Any] = Counter()
    for ((platform, _), day), figures in state.days.items():
        agent_days[platform, day].update(figures)
    for (platform, _), days in active_days(state).items():
        if not days:
            continue
        agent_days[platform, days[0]]["new_users"] += 1
        for day in days:
            agent_days[platform, day]["active_users"] += 1
        return_gaps.update((platform, day, before) for before, day in pairwise([NO_DAY, *days]))
        cohorts.update((platform, _monday(days[0]), week) for week in set(map(_monday, days)))
    columns = ["new_users", "active_users", *DAY]
    state.agent_days = {
        key: {name: counter[name] for name in columns} for key, counter in agent_days.items()
    }
    state.return_gaps, state.cohorts = dict(return_gaps), dict(cohorts)
    state.facets = dict(
        Counter(("platform", platform) for platform, _ in state.profiles)
        + Counter(
            ("language", profile["language"].split("-")[0]) for profile in state.profiles.values()
        )
        + Counter(("plan", profile["plan"]) for profile in state.profiles.values())
        + Counter(("tag", tag) for profile in state.profiles.values() for tag in profile["tags"])
    )
    state.tags = {
        (user, tag) for user, profile in state.profiles.items() for tag in profile["tags"]
    }
    _drop_zeros(state)


def _add_details(agent: Agent, state: State) -> None:
    """The hours of sent messages, the usage of models, and habits, from the messages one by one."""
    hours: Counter[tuple[str, dt.date, int]] = Counter()
    models: dict[tuple[str, dt.date, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for (platform, _), messages in state.messages.items():
        for message in messages:
            local = message["sent_at"].astimezone(agent.zone)
            hours[platform, local.date(), local.hour] += message["role"] == "user"
            tokens = (message["input_tokens"], message["output_tokens"])
            is_used = bool(message["model"]) or tokens != (None, None)
            if is_used or message["cost"] is not None:
                numbers = models[platform, local.date(), message["model"]]
                numbers[0] += 1
                numbers[1] += message["cost"] or 0
                numbers[2] += message["cost"] is None
    state.hours = dict(hours)
    state.models = {key: (a, b, c) for key, (a, b, c) in models.items()}
    for (platform, _), totals in state.totals.items():
        if totals["total_messages_sent"]:
            bands = [len(f"{totals[name]:b}") for name in ("total_sessions", "total_messages_sent")]
            cell = ("habit", ":".join(map(str, [platform, *bands])))
            state.facets[cell] = state.facets.get(cell, 0) + 1
    _drop_zeros(state)


def _drop_zeros(state: State) -> None:
    """Remove rows of zeros, which equal missing rows, and facets without a value."""
    state.days = {key: row for key, row in state.days.items() if any(row.values())}
    state.agent_days = {key: row for key, row in state.agent_days.items() if any(row.values())}
    state.return_gaps = {key: users for key, users in state.return_gaps.items() if users}
    state.cohorts = {key: users for key, users in state.cohorts.items() if users}
    state.hours = {key: sent for key, sent in state.hours.items() if sent}
    state.models = {key: numbers for key, numbers in state.models.items() if any(numbers)}
    state.facets = {key: users for key, users in state.facets.items() if users and key[1]}


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _read(rows: Any, names: list[str]) -> list[dict[str, Any]]:
    return _by_json([{name: getattr(row, name) for name in names} for row in rows])


def _by_json(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, default=str))
