"""Stores Telegram's updates, before Telegram gets the confirmation that they have arrived."""

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from django.db.models import Q
from django.utils import timezone

from frontdesk.channels.outbox import Outbox
from frontdesk.channels.telegram import commands
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.updates import PLATFORM, Me, number_of, read
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger.events import user_id

logger = logging.getLogger(__name__)

OUTBOX = Outbox(TelegramUpdate)
SEEN_EVERY = dt.timedelta(seconds=5)
"""The time of a bot's last update is written at most this often."""


def store(agent_id: uuid.UUID, bot: uuid.UUID, me: Me, raws: Sequence[dict[str, Any]]) -> int:
    """Store the updates that are for the agent; returns how many. Known ones do not change."""
    rows = list(filter(None, (_row(agent_id, bot, me, raw) for raw in raws)))
    with_retries(_store)(bot, rows)
    return len(rows)


def _row(agent_id: uuid.UUID, bot: uuid.UUID, me: Me, raw: dict[str, Any]) -> TelegramUpdate | None:
    number = number_of(raw)
    try:
        incoming = read(raw, me)
    except Exception as error:  # otherwise Telegram would repeat it and hold back all later ones
        reason = type(error).__name__
        logger.warning("bot %s: update %s is skipped, not understood: %s", bot, number, reason)
        return None
    if incoming is None or number is None:
        return None
    return TelegramUpdate(
        end_user_id=user_id(agent_id, PLATFORM, incoming.external_id),
        key=f"{me.id}:{number}",
        connection_id=bot,
        number=number,
        chat=incoming.lane,
        is_urgent=incoming.command in commands.URGENT,
        payload=msgspec.to_builtins(incoming),
    )


def _store(bot: uuid.UUID, rows: Sequence[TelegramUpdate]) -> None:
    OUTBOX.store(rows)
    now = timezone.now()
    seen = TelegramBot.objects.filter(id=bot)
    seen = seen.filter(Q(last_update_at=None) | Q(last_update_at__lt=now - SEEN_EVERY))
    seen.update(last_update_at=now)
