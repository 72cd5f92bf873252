"""One thought in several messages is one question: albums, and texts that the client has cut.

The parts arrive as messages of their own. The first one waits a moment for the others, then takes
them into its own row, in one transaction: from then on it is whole, whatever happens to the worker.
"""

import threading
import uuid
from collections.abc import Sequence

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.channels.telegram.updates import Incoming
from frontdesk.ledger.events import MAX_TEXT, Event
from frontdesk.ledger.record import record

MAX_PARTS = 30
"""An album has ten, and the longest text that the ledger takes has 25."""
CHANGING = threading.Lock()
"""Held while waiting rows change. One worker serves a bot, so its own lock is enough."""


def gather(row: TelegramUpdate, patience: float) -> float:
    """Take the parts that follow into a waiting row. Returns the seconds to wait for more first."""
    with CHANGING:
        parts = _followers(row)
        last = parts[-1] if parts else row
        if last.incoming.may_go_on and 1 + len(parts) < MAX_PARTS:
            since = (timezone.now() - last.received_at).total_seconds()
            if since < patience:
                return min(patience - since, patience)
        if parts:
            _join(row, parts)
    return 0.0


def find_open(connection: uuid.UUID, lane: str) -> TelegramUpdate | None:
    """The newest message of a lane that waits for its answer."""
    return waiting(connection, lane).order_by("-number").first()


def as_one(event: Event, incoming: Incoming) -> Event:
    """The whole as one message, for the gate to judge its length."""
    texts = [event.text, *(part.text for part in incoming.parts)]
    return msgspec.structs.replace(event, text="\n".join(texts)[:MAX_TEXT])


def record_parts(agent: Agent, incoming: Incoming) -> None:
    """Record the parts after the first, which is admitted for all of them."""
    if incoming.parts:
        record(agent, [part.event() for part in incoming.parts])


def waiting(connection: uuid.UUID, lane: str) -> "QuerySet[TelegramUpdate]":
    """The messages of a lane that wait for an answer, oldest first."""
    rows = TelegramUpdate.objects.filter(connection_id=connection, chat=lane, is_urgent=False)
    rows = rows.filter(state=TelegramUpdate.State.WAITING, payload__kind="message")
    return rows.order_by("number")


def save(row: TelegramUpdate, incoming: Incoming) -> bool:
    """Change what a waiting row holds; returns whether it still waits."""
    row.payload = msgspec.to_builtins(incoming)
    same = TelegramUpdate.objects.filter(end_user_id=row.end_user_id, key=row.key)
    return bool(same.filter(state=TelegramUpdate.State.WAITING).update(payload=row.payload))


def _followers(row: TelegramUpdate) -> list[TelegramUpdate]:
    last, parts = row.incoming.last, []
    if not last.may_go_on:
        return []
    later = waiting(row.connection_id, row.chat).filter(number__gt=row.number)
    for each in later[:MAX_PARTS]:
        if not last.goes_on_with(each.incoming):
            break
        parts.append(each)
        last = each.incoming
    return parts


def _join(row: TelegramUpdate, parts: Sequence[TelegramUpdate]) -> None:
    incoming = row.incoming
    incoming.parts += [part.incoming for part in parts]
    keys = [part.key for part in parts]
    with transaction.atomic():
        if save(row, incoming):
            taken = TelegramUpdate.objects.filter(end_user_id=row.end_user_id, key__in=keys)
            taken.update(state=TelegramUpdate.State.DONE, payload={})
