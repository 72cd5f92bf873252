"""The visitor's messages for the chat page, a page at a time, newest last."""

import datetime as dt
import heapq
import uuid
from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec
from django.db.models import Q
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


def read_page(user_ids: Sequence[uuid.UUID], before: uuid.UUID | None) -> Page:
    """The messages of these users before that one, or the newest; empty if that one is unknown."""
    is_wanted = Q()
    if before is not None:
        which = Message.objects.filter(end_user_id__in=user_ids, id=before)
        bound = which.values_list(*ORDER).first()
        if bound is None:
            return Page([], more=False, pending=None)
        is_wanted = Place(*bound).before()
    ids = _shown(_newest(user_ids, is_wanted))
    page = Message.objects.filter(end_user_id__in=user_ids, id__in=ids[:PAGE])
    found = {message.id: message for message in page}
    lines = [_line(found[id_]) for id_ in reversed(ids[:PAGE]) if id_ in found]
    return Page(lines, more=len(ids) > PAGE, pending=None if before else _pending(user_ids))


def _newest(user_ids: Sequence[uuid.UUID], is_wanted: Q) -> list[tuple[Any, ...]]:
    """The newest of these users' messages together. Each one's are read by their own index."""
    columns = (*ORDER, "role", "chat", "session_id", "failed")
    found = [
        Message.objects.filter(is_wanted, end_user_id=id_)
        .order_by(*NEWEST_FIRST)
        .values_list(*columns)[:_SCANNED]
        for id_ in user_ids
    ]
    merged = heapq.merge(*found, key=lambda row: row[: len(ORDER)], reverse=True)
    return list(islice(merged, _SCANNED))


def _shown(newest_first: list[tuple[Any, ...]]) -> list[uuid.UUID]:
    """The ids to show; of several attempts to answer, only the last."""
    shown = []
    later_role = ""
    for _, _, id_, role, chat, session_id, failed in newest_first:
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


def _pending(user_ids: Sequence[uuid.UUID]) -> uuid.UUID | None:
    in_progress = Answering.objects.filter(end_user_id__in=user_ids, until__gt=timezone.now())
    return in_progress.order_by("-until").values_list("message_id", flat=True).first()
