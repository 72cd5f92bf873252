"""The order of messages, everywhere the same: by time, position and id."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

ORDER = ("sent_at", "position", "id")
NEWEST_FIRST = ("-sent_at", "-position", "-id")
SESSION_ORDER = ("first_at", "first_position", "id")
"""Sessions stand where their first messages do."""


class Place(NamedTuple):
    """Where a message stands in its user's history. Places compare as their messages do."""

    sent_at: dt.datetime
    position: int
    id: uuid.UUID

    def before(self, columns: Sequence[str] = ORDER) -> Q:
        """The condition for the rows before this place, by these columns."""
        return self._beyond("lt", *columns)

    def after(self, columns: Sequence[str] = ORDER) -> Q:
        """The condition for the rows after this place, by these columns."""
        return self._beyond("gt", *columns)

    def _beyond(self, way: str, time: str, position: str, id_: str) -> Q:
        same_position = Q(**{position: self.position, f"{id_}__{way}": self.id})
        same_time = Q(**{time: self.sent_at}) & (
            Q(**{f"{position}__{way}": self.position}) | same_position
        )
        # The plain range on the time is for the query planner: OR alone keeps it off the index.
        plain_range = Q(**{f"{time}__{way}e": self.sent_at})
        return (Q(**{f"{time}__{way}": self.sent_at}) | same_time) & plain_range
