"""Logs that repeat a conversation from its beginning with each turn."""

import copy
import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.imports.rehearsal import Key, key_of, known_messages
from frontdesk.ledger.events import Event, EventError, check
from frontdesk.ledger.messages import MessageState


def settle_repeats(agent: Agent, events: Iterable[Event]) -> None:
    """Make each repeat of a message that is known, or is before it in `events`, a duplicate.

    A repeat is a message with the same id (or the same place in the same session), role and text.
    Its time and usage are those of the turn that repeats it, and say nothing about the message.
    """
    keyed = list(_keyed(agent, events, timezone.now()))
    first = known_messages([key for key, _, _ in keyed])
    for key, event, cleaned in keyed:
        if key not in first:
            first[key] = MessageState.of(key[1], cleaned)
        elif _is_repeat(first[key], cleaned):
            _copy(first[key], event)


def _keyed(
    agent: Agent, events: Iterable[Event], now: dt.datetime
) -> Iterator[tuple[Key, Event, Event]]:
    """The valid events with their keys, and as recording cleans them."""
    for event in events:
        cleaned = copy.copy(event)
        try:
            check(cleaned, now)
        except EventError:  # recording says why
            continue
        yield key_of(agent, event), event, cleaned


def _is_repeat(known: MessageState, event: Event) -> bool:
    return known.role == event.role and (known.redacted or known.text == event.text)


def _copy(known: MessageState, event: Event) -> None:
    event.time = known.sent_at
    event.model = known.model or None
    event.input_tokens, event.output_tokens = known.input_tokens, known.output_tokens
    event.cached_tokens = known.cached_tokens
    event.cost = known.cost if known.cost_given else None
    event.latency_ms = known.latency_ms
    event.failed, event.error = known.failed, known.error or None
