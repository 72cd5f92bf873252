"""What recording would do, without doing it."""

import copy
import uuid
from collections.abc import Sequence

from frontdesk.agents.models import Agent
from frontdesk.ledger import messages
from frontdesk.ledger.checking import check_each
from frontdesk.ledger.events import Event, Outcome, message_key, user_id
from frontdesk.ledger.messages import MessageState
from frontdesk.ledger.tombstones import TombstoneIndex

MAX_REMEMBERED = 500_000
"""About 50 MB."""

Key = tuple[uuid.UUID, str]


def key_of(agent: Agent, event: Event) -> Key:
    """The end user and the message's key, as the ledger computes them."""
    user = user_id(agent.id, event.platform, event.external_id)
    return user, message_key(user, event)


class Rehearsal:
    """A dry run of one import, batch by batch.

    A message that an earlier batch brought too counts as a duplicate, whatever it says: of the
    first `MAX_REMEMBERED` messages, a hash is remembered.
    """

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._brought: set[int] = set()

    def outcomes(self, events: Sequence[Event]) -> list[Outcome]:
        """The outcome that each event of the next batch would have."""
        outcomes, valid = self._checked([copy.copy(event) for event in events])
        states = known_messages([key for _, key, _ in valid])
        new: set[Key] = set()
        for index, key, event in valid:
            if key in states:
                outcomes[index] = states[key].apply(event)
                continue
            states[key] = MessageState.of(key[1], event)
            new.add(key)
            if hash(key) in self._brought and event.edited_at is None:
                outcomes[index] = messages.DUPLICATE
        if len(self._brought) < MAX_REMEMBERED:
            self._brought.update(map(hash, new))
        return outcomes

    def _checked(self, events: list[Event]) -> tuple[list[Outcome], list[tuple[int, Key, Event]]]:
        """The outcomes of the events that are refused, and the valid ones. Cleans the events."""
        outcomes = [messages.RECORDED] * len(events)
        checked = check_each(events, outcomes)
        valid = [(index, key_of(self._agent, event), event) for index, event in checked]
        identities = {(key[0], event.platform, event.external_id) for _, key, event in valid}
        tombstones = TombstoneIndex(self._agent.id, identities)
        for index, key, event in valid:
            if reason := tombstones.refusal(key[0], event.time):
                outcomes[index] = Outcome("rejected", reason)
        return outcomes, [entry for entry in valid if outcomes[entry[0]] is messages.RECORDED]


def known_messages(keys: Sequence[Key]) -> dict[Key, MessageState]:
    """The messages that are recorded already, by key."""
    distinct = sorted({(user.hex, key) for user, key in keys})
    found = messages.fetch(distinct, None)  # prices change no outcome
    return {(user, state.key): state for user, states in found.items() for state in states}
