"""The order of messages, everywhere the same: by time, position and id."""

import datetime as dt
import uuid
from typing import NamedTuple

from django.db.models import Q

ORDER = ("sent_at", "position", "id")
NEWEST_FIRST = ("-sent_at", "-position", "-id")


class Place(NamedTuple):
    """Where a message stands in its user's history. Places compare as their messages do."""

    sent_at: dt.datetime
    position: int
    id: uuid.UUID

    @property
    def before(self) -> Q:
        """The condition for the messages before this place."""
        later_keys = Q(position__lt=self.position) | Q(position=self.position, id__lt=self.id)
        # The plain range on the time is for the query planner: OR alone keeps it off the index.
        return (Q(sent_at__lt=self.sent_at) | Q(sent_at=self.sent_at) & later_keys) & Q(
            sent_at__lte=self.sent_at
        )

    @property
    def after(self) -> Q:
        """The condition for the messages after this place."""
        later_keys = Q(position__gt=self.position) | Q(position=self.position, id__gt=self.id)
        return (Q(sent_at__gt=self.sent_at) | Q(sent_at=self.sent_at) & later_keys) & Q(
            sent_at__gte=self.sent_at
        )
