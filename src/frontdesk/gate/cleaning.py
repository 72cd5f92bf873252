"""Removes rows that the gate no longer needs."""

import datetime as dt

from frontdesk.gate.models import Refusal, Reservation

KEEP_REFUSALS = dt.timedelta(days=30)
"""How long the id of a refused message is kept; a repeat after that counts again."""


def clean(now: dt.datetime) -> int:
    """Remove expired reservations and old ids of refused messages; returns how many."""
    expired, _ = Reservation.objects.filter(expires_at__lte=now).delete()
    old, _ = Refusal.objects.filter(refused_at__lt=now - KEEP_REFUSALS).delete()
    return expired + old
