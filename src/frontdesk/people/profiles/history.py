"""The messages of one user, or of several together, page by page from any point.

Each user's messages are read by the index (end user, time, id), one page at most, so a page costs
the same however long the history is.
"""

import base64
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from frontdesk.ledger.models import Message

PAGE_SIZE = 50
EVERYTHING = Q()
Ids = Sequence[uuid.UUID]
"""The ids of the users whose messages are read."""


@dataclass(frozen=True)
class Cursor:
    """A position in a history: that of a message."""

    sent_at: dt.datetime
    id: uuid.UUID

    def __str__(self) -> str:
        raw = f"{self.sent_at.astimezone(dt.UTC).isoformat()}|{self.id.hex}"
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError for anything but the text of a cursor."""
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        time, _, id_ = raw.partition("|")
        sent_at = dt.datetime.fromisoformat(time)
        if sent_at.tzinfo is None:
            raise ValueError("the time of a cursor has a zone")
        return cls(sent_at, uuid.UUID(id_))

    @classmethod
    def of(cls, message: Message) -> "Cursor":
        return cls(message.sent_at, message.id)


@dataclass(frozen=True)
class HistoryPage:
    """Messages, oldest first, and the cursors of the pages around them; None if there is none."""

    messages: list[Message]
    earlier: Cursor | None
    later: Cursor | None


def newest(ids: Ids, size: int = PAGE_SIZE) -> HistoryPage:
    """The newest messages."""
    return _before(ids, EVERYTHING, size, has_later=False)


def before(ids: Ids, cursor: Cursor, size: int = PAGE_SIZE) -> HistoryPage:
    """The messages just before the cursor's."""
    return _before(ids, older_than(cursor), size, has_later=True)


def after(ids: Ids, cursor: Cursor, size: int = PAGE_SIZE) -> HistoryPage:
    """The messages just after the cursor's."""
    newer = Q(sent_at__gt=cursor.sent_at) | Q(sent_at=cursor.sent_at, id__gt=cursor.id)
    return _after(ids, newer & Q(sent_at__gte=cursor.sent_at), size)


def starting_at(ids: Ids, cursor: Cursor, size: int = PAGE_SIZE) -> HistoryPage:
    """The cursor's message and those after it; the newest ones if there are none."""
    not_older = Q(sent_at__gt=cursor.sent_at) | Q(sent_at=cursor.sent_at, id__gte=cursor.id)
    is_start = not _first(ids, older_than(cursor), 1, backward=True)
    page = _after(ids, not_older & Q(sent_at__gte=cursor.sent_at), size, is_start)
    return page if page.messages else newest(ids, size)


def from_time(ids: Ids, time: dt.datetime, size: int = PAGE_SIZE) -> HistoryPage:
    """The messages from this time on; the newest ones if there are none."""
    return starting_at(ids, Cursor(time, uuid.UUID(int=0)), size)


def around(ids: Ids, cursor: Cursor, size: int = PAGE_SIZE) -> HistoryPage:
    """The cursor's message, with up to half a page of messages before it."""
    above = _first(ids, older_than(cursor), size // 2, backward=True)
    return starting_at(ids, Cursor.of(above[-1]) if above else cursor, size)


def find(ids: Ids, message_id: uuid.UUID) -> Message | None:
    """The message of one of these users that has this id."""
    return Message.objects.filter(end_user_id__in=list(ids), id=message_id).first()


def older_than(cursor: Cursor) -> Q:
    """The condition for messages before a cursor, of any user."""
    older = Q(sent_at__lt=cursor.sent_at) | Q(sent_at=cursor.sent_at, id__lt=cursor.id)
    # The plain range on the time is for the query planner: OR alone keeps it from using the index.
    return older & Q(sent_at__lte=cursor.sent_at)


def _before(ids: Ids, which: Q, size: int, has_later: bool) -> HistoryPage:
    found = _first(ids, which, size + 1, backward=True)
    shown = found[:size][::-1]
    earlier = Cursor.of(shown[0]) if len(found) > size else None
    return HistoryPage(shown, earlier, Cursor.of(shown[-1]) if has_later and shown else None)


def _after(ids: Ids, which: Q, size: int, is_start: bool = False) -> HistoryPage:
    found = _first(ids, which, size + 1)
    shown = found[:size]
    earlier = Cursor.of(shown[0]) if shown and not is_start else None
    return HistoryPage(shown, earlier, Cursor.of(shown[-1]) if len(found) > size else None)


def _first(ids: Ids, which: Q, count: int, backward: bool = False) -> list[Message]:
    """The first messages of all these users: up to `count` of each, merged."""
    order = ("-sent_at", "-id") if backward else ("sent_at", "id")
    found = [
        message
        for id_ in ids
        for message in Message.objects.filter(which, end_user_id=id_).order_by(*order)[:count]
    ]
    found.sort(key=lambda message: (message.sent_at, message.id), reverse=backward)
    return found[:count]
