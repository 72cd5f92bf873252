"""One user's messages, page by page from anywhere, by the index (end user, time, id)."""

import base64
import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from frontdesk.ledger.models import EndUser, Message

PAGE = 50


@dataclass(frozen=True)
class Cursor:
    """A place between two messages of one user: just before, or just after, one of them."""

    sent_at: dt.datetime
    id: uuid.UUID

    def __str__(self) -> str:
        raw = f"{self.sent_at.astimezone(dt.UTC).isoformat()}|{self.id.hex}"
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError for anything that `str()` of a cursor has not made."""
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        time, _, id_ = raw.partition("|")
        sent_at = dt.datetime.fromisoformat(time)
        if sent_at.tzinfo is None:
            raise ValueError("a cursor's time has a zone")
        return cls(sent_at, uuid.UUID(id_))

    @classmethod
    def of(cls, message: Message) -> "Cursor":
        return cls(message.sent_at, message.id)


@dataclass(frozen=True)
class HistoryPage:
    """Messages, oldest first, and the cursors of what lies around them (None: nothing)."""

    messages: list[Message]
    earlier: Cursor | None
    later: Cursor | None


def newest(user: EndUser, size: int = PAGE) -> HistoryPage:
    """The last messages."""
    return _before(_of(user), size, has_later=False)


def before(user: EndUser, cursor: Cursor, size: int = PAGE) -> HistoryPage:
    """The messages just before the cursor's."""
    return _before(_older(user, cursor), size, has_later=True)


def after(user: EndUser, cursor: Cursor, size: int = PAGE) -> HistoryPage:
    """The messages just after the cursor's."""
    newer = Q(sent_at__gt=cursor.sent_at) | Q(sent_at=cursor.sent_at, id__gt=cursor.id)
    return _after(_of(user).filter(newer, sent_at__gte=cursor.sent_at), size)


def starting_at(user: EndUser, cursor: Cursor, size: int = PAGE) -> HistoryPage:
    """The cursor's message and those after it; the last ones when there are none."""
    not_older = Q(sent_at__gt=cursor.sent_at) | Q(sent_at=cursor.sent_at, id__gte=cursor.id)
    found = _of(user).filter(not_older, sent_at__gte=cursor.sent_at)
    page = _after(found, size, is_start=not _older(user, cursor).exists())
    return page if page.messages else newest(user, size)


def from_time(user: EndUser, time: dt.datetime, size: int = PAGE) -> HistoryPage:
    """The messages from this time on; the last ones when there are none."""
    return starting_at(user, Cursor(time, uuid.UUID(int=0)), size)


def _of(user: EndUser) -> QuerySet[Message]:
    return Message.objects.filter(end_user_id=user.id)


def _older(user: EndUser, cursor: Cursor) -> QuerySet[Message]:
    older = Q(sent_at__lt=cursor.sent_at) | Q(sent_at=cursor.sent_at, id__lt=cursor.id)
    # The bare range on the time is for the planners: OR alone hides it from the index.
    return _of(user).filter(older, sent_at__lte=cursor.sent_at)


def _before(messages: QuerySet[Message], size: int, has_later: bool) -> HistoryPage:
    found = list(messages.order_by("-sent_at", "-id")[: size + 1])
    shown = found[:size][::-1]
    earlier = Cursor.of(shown[0]) if len(found) > size else None
    return HistoryPage(shown, earlier, Cursor.of(shown[-1]) if has_later and shown else None)


def _after(messages: QuerySet[Message], size: int, is_start: bool = False) -> HistoryPage:
    found = list(messages.order_by("sent_at", "id")[: size + 1])
    shown = found[:size]
    earlier = Cursor.of(shown[0]) if shown and not is_start else None
    return HistoryPage(shown, earlier, Cursor.of(shown[-1]) if len(found) > size else None)
