"""Deletes old updates that are done, and the ids of old answers."""

import datetime as dt

from django.utils import timezone

from frontdesk.channels.telegram.inbox import OUTBOX
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.telegram.sent import forget_sent

KEPT_FOR = dt.timedelta(days=2)
"""Telegram may repeat an update for a day, so its id must be kept longer than that."""


def forget_old_updates() -> None:
    now = timezone.now()
    forget_updates(now)
    forget_sent(now)


def forget_updates(now: dt.datetime) -> int:
    """Delete old updates that are done and those of deleted bots; returns how many."""
    return OUTBOX.forget(now - KEPT_FOR, TelegramBot.objects.all())
