"""Recording: the only way conversation data is written."""

import datetime as dt
import functools
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from typing import NamedTuple, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger import activity, messages, sessions, users
from frontdesk.ledger.events import Event, EventError, Outcome, check, message_key, user_id
from frontdesk.ledger.messages import Key, MessageState
from frontdesk.ledger.models import FacetCount
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.users import UserState

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class _Entry(NamedTuple):
    """An event that passed its checks: its place in the batch, its user, its message."""

    place: int
    event: Event
    key: Key


def record(agent: Agent, events: Sequence[Event]) -> list[Outcome]:
    """Record a batch in one transaction and say what became of each event, in their order.

    Nothing is acknowledged before it is committed. The end state is the same for any order, split
    and repetition of the same events. A bad event is rejected alone; its batch goes on.
    Raises Agent.DoesNotExist when the agent is gone, OperationalError when the database is.
    """
    outcomes: list[Outcome] = [messages.RECORDED] * len(events)
    entries = _check_all(agent.id, events, outcomes)
    if entries:
        with_retries(_write)(agent.id, entries, outcomes)
    return outcomes


def with_retries(write: Callable[P, T], attempts: int = 5) -> Callable[P, T]:
    """Run in a transaction, again from its start when the database chose it to end a deadlock.

    Inside a transaction of the caller's it runs once: only he can start again.
    """

    @functools.wraps(write)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return write(*args, **kwargs)
        for attempt in range(1, attempts + 1):
            try:
                with transaction.atomic():
                    return write(*args, **kwargs)
            except OperationalError as error:
                if attempt == attempts or not _is_passing(error):
                    raise
                logger.info("retrying a batch: %s", error)
                time.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")

    return run


def _is_passing(error: OperationalError) -> bool:
    """Deadlock (40P01) or serialisation failure (40001) of PostgreSQL; a busy SQLite file."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in ("40P01", "40001") or "database is locked" in str(error)


def _check_all(
    agent_id: uuid.UUID, events: Sequence[Event], outcomes: list[Outcome]
) -> list[_Entry]:
    now = timezone.now()
    ids: dict[tuple[str, str], uuid.UUID] = {}
    entries = []
    for index, event in enumerate(events):
        try:
            check(event, now)
        except EventError as error:
            outcomes[index] = Outcome("rejected", error.reason)
            continue
        identity = (event.platform, event.external_id)
        user = ids.get(identity) or ids.setdefault(identity, user_id(agent_id, *identity))
        entries.append(_Entry(index, event, (user, message_key(user, event))))
    return entries


def _write(agent_id: uuid.UUID, entries: list[_Entry], outcomes: list[Outcome]) -> None:
    people = users.lock(agent_id, _identities(entries))
    # After the lock: what a rebuild under another zone or timeout must not miss.
    agent = Agent.objects.only("time_zone", "session_timeout").get(id=agent_id)
    created = {user.id for user in people.values() if user.is_new}
    states = _apply(people, entries, outcomes)
    changes = sessions.change(states, dt.timedelta(seconds=agent.session_timeout))
    rollups = RollupChanges()
    _add_totals(people, states)
    activity.change(people, states, changes.starts, agent.zone, rollups)
    messages.save(states)
    changes.save()
    users.save(people.values(), created)
    _count_facets(people, created, rollups)
    rollups.save(agent_id)


def _identities(entries: list[_Entry]) -> set[users.Identity]:
    return {(key[0], event.platform, event.external_id) for _, event, key in entries}


def _apply(
    people: dict[uuid.UUID, UserState], entries: list[_Entry], outcomes: list[Outcome]
) -> dict[Key, MessageState]:
    """Take the events in, in their order; return the messages that are new or changed."""
    states = messages.fetch({key for _, _, key in entries})
    for place, event, key in entries:
        people[key[0]].profile.take(event)
        state = states.get(key)
        if state is None:
            states[key] = MessageState.of(event)
        else:
            outcomes[place] = state.apply(event)
    return {key: state for key, state in states.items() if state.is_new or state.is_changed}


def _add_totals(people: dict[uuid.UUID, UserState], states: dict[Key, MessageState]) -> None:
    for (owner, _), state in states.items():
        user = people[owner]
        user.figures = user.figures.plus(state.figures().minus(state.before))
        user.see(state.sent_at, state.role)
        user.is_changed = True


def _count_facets(
    people: dict[uuid.UUID, UserState], created: set[uuid.UUID], rollups: RollupChanges
) -> None:
    platform, language = FacetCount.Facet.PLATFORM.value, FacetCount.Facet.LANGUAGE.value
    for user in people.values():
        after = user.profile.values["language"]
        if user.id in created:
            rollups.facets[platform, user.platform] += 1
            rollups.facets[language, after] += 1
        elif after != user.language_before:
            rollups.facets[language, user.language_before] -= 1
            rollups.facets[language, after] += 1
