"""Forgetting updates that are dealt with."""

import datetime as dt

from django.db.models import Q

from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate

KEPT_FOR = dt.timedelta(days=2)
"""Telegram offers an update for a day: so long its id has to be known."""


def forget_updates(now: dt.datetime) -> int:
    """Remove old updates that are done, and those of bots that are gone; says how many."""
    old = Q(state=TelegramUpdate.State.DONE, received_at__lt=now - KEPT_FOR)
    orphaned = ~Q(bot_id__in=TelegramBot.objects.values("id"))
    return TelegramUpdate.objects.filter(old | orphaned).delete()[0]
