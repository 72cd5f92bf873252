"""Removes what the gate no longer needs."""

import datetime as dt

from frontdesk.gate.models import Refusal, Reservation

KEEP_REFUSALS = dt.timedelta(days=30)
"""How long a refused message is known by its id; one sent again later counts again."""


def clean(now: dt.datetime) -> int:
    """Remove expired reservations and the ids of messages refused long ago; return how many."""
    expired, _ = Reservation.objects.filter(expires_at__lte=now).delete()
    old, _ = Refusal.objects.filter(refused_at__lt=now - KEEP_REFUSALS).delete()
    return expired + old
