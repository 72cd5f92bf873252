"""The messages of one user, or of several together, page by page from any point.

Each user's messages are read by the index (end user, time, position, id), one page at most, so a
page costs the same however long the history is.
"""

import base64
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from frontdesk.ledger.models import Message
from frontdesk.ledger.order import NEWEST_FIRST, ORDER, Place

PAGE_SIZE = 50
EVERYTHING = Q()
Ids = Sequence[uuid.UUID]
"""The ids of the users whose messages are read."""


class Cursor(Place):
    """A place in a history, as pages and the API write it."""

    __slots__ = ()

    def __str__(self) -> str:
        time = self.sent_at.astimezone(dt.UTC).isoformat()
        raw = f"{time}|{self.position}|{self.id.hex}"
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError for anything but the text of a cursor."""
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        time, position, id_ = raw.split("|")
        sent_at = dt.datetime.fromisoformat(time)
        if sent_at.tzinfo is None:
            raise ValueError("the time of a cursor has a zone")
        number = int(position)
        if not 0 <= number < 2**63:
            raise ValueError("the position of a cursor is a whole number")
        return cls(sent_at, number, uuid.UUID(id_))

    @classmethod
    def of(cls, message: Message) -> "Cursor":
        return cls(message.sent_at, message.position, message.id)


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
    return _before(ids, cursor.before(), size, has_later=True)


def after(ids: Ids, cursor: Cursor, size: int = PAGE_SIZE) -> HistoryPage:
    """The messages just after the cursor's."""
    return _after(ids, cursor.after(), size)


def starting_at(ids: Ids, cursor: Cursor, size: int = PAGE_SIZE) -> HistoryPage:
    """The cursor's message and those after it; the newest ones if there are none."""
    not_older = cursor.after() | Q(sent_at=cursor.sent_at, position=cursor.position, id=cursor.id)
    is_start = not _first(ids, cursor.before(), 1, backward=True)
    page = _after(ids, not_older & Q(sent_at__gte=cursor.sent_at), size, is_start)
    return page if page.messages else newest(ids, size)


def from_time(ids: Ids, time: dt.datetime, size: int = PAGE_SIZE) -> HistoryPage:
    """The messages from this time on; the newest ones if there are none."""
    return starting_at(ids, Cursor(time, 0, uuid.UUID(int=0)), size)


def around(ids: Ids, cursor: Cursor, size: int = PAGE_SIZE) -> HistoryPage:
    """The cursor's message, with up to half a page of messages before it."""
    above = _first(ids, cursor.before(), size // 2, backward=True)
    return starting_at(ids, Cursor.of(above[-1]) if above else cursor, size)


def find(ids: Ids, message_id: uuid.UUID) -> Message | None:
    """The message of one of these users that has this id."""
    return Message.objects.filter(end_user_id__in=list(ids), id=message_id).first()


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
    order = NEWEST_FIRST if backward else ORDER
    found = [
        message
        for id_ in ids
        for message in Message.objects.filter(which, end_user_id=id_).order_by(*order)[:count]
    ]
    found.sort(key=Cursor.of, reverse=backward)
    return found[:count]
