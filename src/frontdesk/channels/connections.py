"""Which worker serves which connection: one at a time, under a lease that it renews."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone

from frontdesk.channels.models import LeasedConnection

C = TypeVar("C", bound=LeasedConnection)

RENEWED_AT = 2 / 3
"""The share of a lease that is left when it is renewed."""


def lease(model: type[C], owner: uuid.UUID, seconds: float) -> list[C]:
    """The connections that this worker serves for this many seconds: its own and all free ones."""
    now = timezone.now()
    wanted = model._default_manager.filter(agent__archived_at=None, agent__deleting_since=None)
    is_free = Q(served_by=None) | Q(served_until=None) | Q(served_until__lt=now)
    is_open = is_free | Q(served_by=owner)
    until = now + dt.timedelta(seconds=seconds)
    served = []
    for connection in wanted.filter(is_open):
        left = (connection.served_until or now) - now
        has_time = connection.served_by == owner and left > RENEWED_AT * (until - now)
        # The update checks again: if two workers find it free, only one gets it.
        mine = model._default_manager.filter(is_open, pk=connection.pk)
        if has_time or mine.update(served_by=owner, served_until=until):
            served.append(connection)
    return served


def release(model: type[C], owner: uuid.UUID, ids: Collection[uuid.UUID]) -> None:
    """Let another worker serve them at once."""
    mine = model._default_manager.filter(served_by=owner, pk__in=list(ids))
    mine.update(served_by=None, served_until=None)
