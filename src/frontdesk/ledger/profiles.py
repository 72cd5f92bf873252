"""Profiles that are reported without a message: contacts, and users known from elsewhere."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import facets, import_claims, users
from frontdesk.ledger.checking import check_each
from frontdesk.ledger.events import Event, EventError, Outcome, user_id
from frontdesk.ledger.messages import DUPLICATE, RECORDED
from frontdesk.ledger.profile import Claims
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.tombstones import TombstoneIndex
from frontdesk.ledger.users import Identity, UserState


@dataclass(slots=True)
class _Contact:
    """One end user's part of a batch: the events, each with its index in the batch."""

    identity: Identity
    entries: list[tuple[int, Event]] = field(default_factory=list)


def put_profile(agent: Agent, event: Event) -> bool:
    """Take over the profile fields of one event. Returns whether the user is new.

    Raises EventError for a bad field, and for an erased user who must not return;
    Agent.DoesNotExist if the agent is gone or being deleted.
    """
    [outcome], created = _put(agent, [event], None)
    if outcome.status == "rejected":
        raise EventError(outcome.reason or "")
    return bool(created)


def put_profiles(
    agent: Agent, events: Sequence[Event], import_id: uuid.UUID | None = None
) -> list[Outcome]:
    """Take over the profile fields of events, but no message, in one transaction.

    As with messages, each field keeps its newest value by the event's time (or `edited_at`), so the
    same profile again changes nothing: a duplicate. The user is known since the event's time. A bad
    event is rejected alone. What an import reports is noted for it. Raises Agent.DoesNotExist and
    ImportEnded as record() does.
    """
    return _put(agent, events, import_id)[0]


def preview_profiles(agent: Agent, events: Sequence[Event]) -> list[Outcome]:
    """The outcomes that `put_profiles` would have."""
    contacts, outcomes = _group_by_user(agent.id, events)
    states = users.find([contact.identity for contact in contacts])
    for id_, entries in _without_erased(agent.id, contacts, outcomes).items():
        for index, event in entries:
            outcomes[index] = _take_over(states[id_], event)
    return outcomes


def _put(
    agent: Agent, events: Sequence[Event], import_id: uuid.UUID | None
) -> tuple[list[Outcome], set[uuid.UUID]]:
    """The outcomes, and the users who are new."""
    contacts, outcomes = _group_by_user(agent.id, events)
    created = with_retries(_write)(agent.id, contacts, outcomes, import_id) if contacts else set()
    return outcomes, created


def _group_by_user(
    agent_id: uuid.UUID, events: Sequence[Event]
) -> tuple[list[_Contact], list[Outcome]]:
    """The valid events by user; those of bad ones are rejected."""
    outcomes = [RECORDED] * len(events)
    contacts: dict[uuid.UUID, _Contact] = {}
    for index, event in check_each(events, outcomes):
        id_ = user_id(agent_id, event.platform, event.external_id)
        identity = (id_, event.platform, event.external_id)
        contacts.setdefault(id_, _Contact(identity)).entries.append((index, event))
    return list(contacts.values()), outcomes


def _write(
    agent_id: uuid.UUID,
    contacts: list[_Contact],
    outcomes: list[Outcome],
    import_id: uuid.UUID | None,
) -> set[uuid.UUID]:
    """Returns the users who are new."""
    states = users.lock(agent_id, [contact.identity for contact in contacts])
    Agent.objects.only("id").get(id=agent_id, deleting_since=None)  # after the lock
    before = import_claims.start(import_id, states.values())
    accepted = _without_erased(agent_id, contacts, outcomes)
    users.delete_placeholders([states.pop(id_) for id_ in states.keys() - accepted.keys()])
    created = {state.id for state in states.values() if state.is_new}
    for id_, entries in accepted.items():
        for index, event in entries:
            outcomes[index] = _take_over(states[id_], event)
    reported = {id_: _reported_by(entries) for id_, entries in accepted.items()}
    import_claims.update_profiles(reported, before, import_id)
    _save(agent_id, states, created)
    return created


def _without_erased(
    agent_id: uuid.UUID,
    contacts: list[_Contact],
    outcomes: list[Outcome],
) -> dict[uuid.UUID, list[tuple[int, Event]]]:
    """Reject the events of erased identities; the others, by user."""
    tombstones = TombstoneIndex(agent_id, [contact.identity for contact in contacts])
    accepted = {}
    for contact in contacts:
        id_ = contact.identity[0]
        entries = []
        for index, event in contact.entries:
            if reason := tombstones.refusal(id_, event.time):
                outcomes[index] = Outcome("rejected", reason)
            else:
                entries.append((index, event))
        if entries:
            accepted[id_] = entries
    return accepted


def _take_over(state: UserState, event: Event) -> Outcome:
    before = import_claims.values_of(state)
    state.profile.merge(_claims([event]))
    state.know(event.time)
    return DUPLICATE if import_claims.values_of(state) == before else RECORDED


def _claims(events: Iterable[Event]) -> Claims:
    claims = Claims()
    for event in events:
        claims.add(event)
    return claims


def _reported_by(entries: Sequence[tuple[int, Event]]) -> import_claims.ProfileValues:
    events = [event for _, event in entries]
    return import_claims.reported_by(_claims(events), min(event.time for event in events))


def _save(
    agent_id: uuid.UUID, states: Mapping[uuid.UUID, UserState], created: set[uuid.UUID]
) -> None:
    rollups = RollupChanges()
    users.save(agent_id, states.values(), created)
    facets.count(states.values(), created, rollups)
    facets.save_tags(agent_id, states.values())
    rollups.save(agent_id)
