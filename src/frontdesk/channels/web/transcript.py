"""The visitor's messages for the chat page, a page at a time, newest last."""

import datetime as dt
import uuid
from typing import Any

import msgspec
from django.utils import timezone

from frontdesk.channels.models import Answering
from frontdesk.ledger.models import Message
from frontdesk.ledger.order import NEWEST_FIRST, ORDER, Place

PAGE = 40
_SCANNED = 500
"""Messages scanned for one page: sessions with a reporter's own id are not shown."""
_SHOWN = ("user", "agent")


class Line(msgspec.Struct, rename="camel", omit_defaults=True):
    """One message. The `text` of a failed answer is the part that arrived."""

    id: uuid.UUID
    role: str
    text: str
    time: dt.datetime
    failed: bool = False
    new_session: bool = False


class Page(msgspec.Struct, rename="camel"):
    """`more`: there are earlier messages. `pending` is the message that is being answered now."""

    messages: list[Line]
    more: bool
    pending: uuid.UUID | None


def read_page(user_id: uuid.UUID, before: uuid.UUID | None) -> Page:
    """The messages before that one, or the newest; empty if that one is unknown."""
    rows = Message.objects.filter(end_user_id=user_id)
    if before is not None:
        bound = rows.filter(id=before).values_list(*ORDER).first()
        if bound is None:
            return Page([], more=False, pending=None)
        rows = rows.filter(Place(*bound).before())
    columns = ("id", "role", "chat", "session_id", "failed")
    seen = rows.order_by(*NEWEST_FIRST).values_list(*columns)[:_SCANNED]
    ids = _shown(list(seen))
    found = {m.id: m for m in Message.objects.filter(end_user_id=user_id, id__in=ids[:PAGE])}
    lines = [_line(found[id_]) for id_ in reversed(ids[:PAGE]) if id_ in found]
    return Page(lines, more=len(ids) > PAGE, pending=None if before else _pending(user_id))


def _shown(newest_first: list[tuple[Any, ...]]) -> list[uuid.UUID]:
    """The ids to show; of several attempts to answer, only the last."""
    shown = []
    later_role = ""
    for id_, role, chat, session_id, failed in newest_first:
        if role not in _SHOWN or chat or session_id:
            continue
        if not (failed and role == later_role == "agent"):
            shown.append(id_)
        later_role = role
    return shown


def _line(message: Message) -> Line:
    return Line(
        message.id,
        message.role,
        message.text,
        message.sent_at,
        failed=message.failed,
        new_session=message.new_session,
    )


def _pending(user_id: uuid.UUID) -> uuid.UUID | None:
    in_progress = Answering.objects.filter(end_user_id=user_id, until__gt=timezone.now())
    return in_progress.order_by("-until").values_list("message_id", flat=True).first()
