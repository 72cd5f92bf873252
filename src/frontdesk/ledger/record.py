"""Recording: the only way conversation data is written."""

import copy
import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from django.db.models import Exists, OuterRef

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import activity, facets, import_claims, messages, sessions, texts, users
from frontdesk.ledger.checking import check_each
from frontdesk.ledger.events import Event, Outcome, message_key, user_id
from frontdesk.ledger.messages import MessageState
from frontdesk.ledger.models import Tombstone
from frontdesk.ledger.own_prices import OwnPrices, own_prices
from frontdesk.ledger.profile import Claims
from frontdesk.ledger.recount import recount_users
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.tombstones import TombstoneIndex
from frontdesk.ledger.users import Identity, UserState

logger = logging.getLogger(__name__)
_SETTINGS = "time_zone session_timeout keep_texts keep_days texts_gone_before".split()
_PRICES = "input_price cached_price output_price model_prices".split()
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class _Sender:
    """One end user's part of a batch, prepared before anything is locked.

    `drafts` has each message as its first event describes it; `entries` has every event with its
    index in the batch and the key of its message.
    """

    id: uuid.UUID
    platform: str
    external_id: str
    claims: Claims = field(default_factory=Claims)
    drafts: dict[str, MessageState] = field(default_factory=dict)
    entries: list[tuple[int, str, Event]] = field(default_factory=list)

    @property
    def identity(self) -> Identity:
        return self.id, self.platform, self.external_id

    def add(self, index: int, event: Event) -> None:
        key = message_key(self.id, event)
        if key not in self.drafts:
            self.drafts[key] = MessageState.of(key, event)
        self.entries.append((index, key, event))
        self.claims.add(event)


def record(
    agent: Agent, events: Sequence[Event], import_id: uuid.UUID | None = None
) -> list[Outcome]:
    """Record a batch in one transaction; returns the outcome of each event, in their order.

    Nothing is acknowledged before it is committed. The end state is the same for any order, split
    and repetition of the same events. A bad event is rejected alone; the rest is recorded. What an
    import reports is noted for it, so that it can be taken back.
    Raises Agent.DoesNotExist if the agent is gone, OperationalError if the database is, and
    ImportEnded if the import is being taken back.
    """
    outcomes: list[Outcome] = [messages.RECORDED] * len(events)
    senders = _group_by_user(agent.id, events, outcomes)
    if senders:
        with_retries(_write)(agent.id, senders, outcomes, import_id)
    return outcomes


def _group_by_user(
    agent_id: uuid.UUID, events: Sequence[Event], outcomes: list[Outcome]
) -> list[_Sender]:
    """Check the events and prepare them by user, as far as that needs no database."""
    senders: dict[tuple[str, str], _Sender] = {}
    for index, event in check_each(events, outcomes):
        identity = (event.platform, event.external_id)
        sender = senders.get(identity)
        if sender is None:
            sender = senders[identity] = _Sender(user_id(agent_id, *identity), *identity)
        sender.add(index, event)
    return list(senders.values())


def _write(
    agent_id: uuid.UUID,
    senders: list[_Sender],
    outcomes: list[Outcome],
    import_id: uuid.UUID | None,
) -> None:
    users_by_id = users.lock(agent_id, [sender.identity for sender in senders])
    agent, has_tombstones = _read_agent(agent_id)
    if has_tombstones:
        senders = _without_erased(agent_id, senders, users_by_id, outcomes)
    created = {user.id for user in users_by_id.values() if user.is_new}
    before = import_claims.start(import_id, users_by_id.values())
    own = own_prices(agent)
    if own is not None:
        for draft in (draft for sender in senders for draft in sender.drafts.values()):
            draft.use_prices(own)
    changed = texts.redact(_apply(users_by_id, senders, created, outcomes, own), agent)
    elsewhere = _elsewhere(changed)
    here = {id_: states for id_, states in changed.items() if id_ not in elsewhere}
    changes = sessions.change(here, dt.timedelta(seconds=agent.session_timeout))
    rollups = RollupChanges()
    activity.change(users_by_id, here, changes, agent.zone, rollups)
    messages.save(changed)
    changes.save()
    users.save(agent_id, users_by_id.values(), created)
    facets.count(users_by_id.values(), created, rollups)
    facets.save_tags(agent_id, users_by_id.values())
    texts.reset_watermark(changed, agent)
    batch = import_claims.Batch(
        {sender.id: sender.drafts for sender in senders},
        changed,
        before,
        lambda: {sender.id: _claims(sender, outcomes) for sender in senders},
    )
    import_claims.update(batch, import_id)
    rollups.save(agent_id)
    if elsewhere:  # rare: an edit came before its message, and did not say where that is
        recount_users(agent_id, [users_by_id[id_].identity for id_ in sorted(elsewhere)])


def _elsewhere(changed: messages.ChangedMessages) -> set[uuid.UUID]:
    """The users of whom a stored message goes to another chat or session."""
    return {
        id_
        for id_, states in changed.items()
        if any(state.is_elsewhere and not state.is_new for state in states)
    }


def _read_agent(agent_id: uuid.UUID) -> tuple[Agent, bool]:
    """The agent, and whether it has tombstones.

    Read it after the lock, so that no rebuild, erasure or change of settings is missed. Raises
    Agent.DoesNotExist, also when the agent is being deleted.
    """
    of_agent = Tombstone.objects.filter(agent_id=OuterRef("id"))
    agents = Agent.objects.annotate(has_tombstones=Exists(of_agent)).only(*_SETTINGS, *_PRICES)
    agent = agents.get(id=agent_id, deleting_since=None)
    return agent, agent.has_tombstones  # type: ignore[attr-defined]  # unknown to its QuerySet


def _without_erased(
    agent_id: uuid.UUID,
    senders: list[_Sender],
    users_by_id: dict[uuid.UUID, UserState],
    outcomes: list[Outcome],
) -> list[_Sender]:
    """Reject the events of erased identities, and remove the rows that their lock created."""
    tombstones = TombstoneIndex(agent_id, [sender.identity for sender in senders])
    kept = [_admitted(s, tombstones, outcomes) if s.id in tombstones else s for s in senders]
    users.delete_placeholders([users_by_id.pop(sender.id) for sender in kept if not sender.entries])
    return [sender for sender in kept if sender.entries]


def _admitted(sender: _Sender, tombstones: TombstoneIndex, outcomes: list[Outcome]) -> _Sender:
    """The sender with only the events that the tombstone allows."""
    admitted = _Sender(*sender.identity)
    for index, _, event in sender.entries:
        reason = tombstones.refusal(sender.id, event.time)
        if reason is None:
            admitted.add(index, event)
        # Set for each event, because a batch that is retried may find another tombstone.
        outcomes[index] = Outcome("rejected", reason) if reason else messages.RECORDED
    return admitted


def _apply(
    users_by_id: dict[uuid.UUID, UserState],
    senders: list[_Sender],
    created: set[uuid.UUID],
    outcomes: list[Outcome],
    own: OwnPrices | None,
) -> messages.ChangedMessages:
    """Apply the events, each user's in their order; returns the new and changed messages."""
    known = messages.fetch(
        [(s.id.hex, key) for s in senders if s.id not in created for key in s.drafts], own
    )
    changed = {}
    for sender in senders:
        user = users_by_id[sender.id]
        states = _versions(sender, known.get(sender.id, ()), outcomes)
        user.profile.merge(_claims(sender, outcomes))
        if states:
            changed[sender.id] = states
            user.observe(states)
    return changed


def _versions(
    sender: _Sender, known: Sequence[MessageState], outcomes: list[Outcome]
) -> list[MessageState]:
    """The sender's new and changed messages, in their latest versions."""
    if not known and len(sender.entries) == len(sender.drafts):
        return list(sender.drafts.values())
    states = {state.key: state for state in known}
    for index, key, event in sender.entries:
        if key in states:
            outcomes[index] = states[key].apply(event)
        else:  # a copy: a batch that is retried starts from its drafts
            states[key] = copy.copy(sender.drafts[key])
    return [state for state in states.values() if state.is_new or state.is_changed]


def _claims(sender: _Sender, outcomes: list[Outcome]) -> Claims:
    """The profile values of the sender's events, without those in conflict."""
    accepted = [e for index, _, e in sender.entries if outcomes[index].status != "conflict"]
    if len(accepted) == len(sender.entries):
        return sender.claims
    claims = Claims()
    for event in accepted:
        claims.add(event)
    return claims
