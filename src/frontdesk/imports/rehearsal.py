"""What recording would do with a batch, without doing it."""

import copy
import uuid
from collections.abc import Sequence

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger import messages
from frontdesk.ledger.events import Event, EventError, Outcome, check, message_key, user_id
from frontdesk.ledger.messages import MessageState

Key = tuple[uuid.UUID, str]


def key_of(agent: Agent, event: Event) -> Key:
    """The end user and the message's key, as the ledger computes them."""
    user = user_id(agent.id, event.platform, event.external_id)
    return user, message_key(user, event)


def rehearse(agent: Agent, events: Sequence[Event]) -> list[Outcome]:
    """The outcome that each event would have. Erased users are not looked for."""
    now = timezone.now()
    copies = [copy.copy(event) for event in events]  # check() cleans them
    outcomes, valid = [messages.RECORDED] * len(copies), []
    for index, event in enumerate(copies):
        try:
            check(event, now)
            valid.append((index, key_of(agent, event), event))
        except EventError as error:
            outcomes[index] = Outcome("rejected", error.reason)
    states = known_messages([key for _, key, _ in valid])
    for index, key, event in valid:
        if key in states:
            outcomes[index] = states[key].apply(event)
        else:
            states[key] = MessageState.of(key[1], event)
    return outcomes


def known_messages(keys: Sequence[Key]) -> dict[Key, MessageState]:
    """The messages that are recorded already, by key."""
    distinct = sorted({(user.hex, key) for user, key in keys})
    found = messages.fetch(distinct, None)  # prices change no outcome
    return {(user, state.key): state for user, states in found.items() for state in states}
