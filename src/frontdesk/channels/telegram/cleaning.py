"""Forgetting updates that are dealt with."""

import datetime as dt

from django.utils import timezone

from frontdesk.channels.telegram.inbox import OUTBOX
from frontdesk.channels.telegram.models import TelegramBot

KEPT_FOR = dt.timedelta(days=2)
"""Telegram offers an update for a day: its id has to be known for that long."""


def forget_old_updates() -> None:
    forget_updates(timezone.now())


def forget_updates(now: dt.datetime) -> int:
    """Remove old updates that are done, and those of bots that are gone; returns how many."""
    return OUTBOX.forget(now - KEPT_FOR, TelegramBot.objects.all())
