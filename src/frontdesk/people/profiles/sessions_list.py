"""The sessions of one user, or of several together, newest first, with their first words."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from frontdesk.ledger.models import Message, Session
from frontdesk.ledger.order import ORDER, SESSION_ORDER
from frontdesk.people.profiles.history import Cursor

PAGE_SIZE = 25
_MAX_WORDS = 160
"""The most characters of the first message that a row shows."""
_MAX_SCANNED = 50
"""The most messages from a session's start on that are searched for its first words. Messages of
the user's other chats may lie between, and must not make a row expensive."""


@dataclass(frozen=True)
class SessionsPage:
    """Sessions, newest first. Each has its `first_words`, None if they are not known."""

    sessions: list[Session]
    newer: Cursor | None
    older: Cursor | None


def sessions_page(
    ids: Sequence[uuid.UUID],
    before: Cursor | None = None,
    after: Cursor | None = None,
    size: int = PAGE_SIZE,
) -> SessionsPage:
    """The newest sessions, or those that began just before or just after a cursor."""
    if after:
        found = _first(ids, after.after(SESSION_ORDER), size + 1, forward=True)
        shown = found[:size][::-1]
        if not shown:
            return sessions_page(ids, size=size)
        newer = _place(shown[0]) if len(found) > size else None
        return SessionsPage(shown, newer, _place(shown[-1]))
    found = _first(ids, before.before(SESSION_ORDER) if before else Q(), size + 1)
    shown = found[:size]
    older = _place(shown[-1]) if len(found) > size else None
    return SessionsPage(shown, _place(shown[0]) if before and shown else None, older)


def _place(session: Session) -> Cursor:
    return Cursor(session.first_at, session.first_position, session.id)


def _first(ids: Sequence[uuid.UUID], which: Q, count: int, forward: bool = False) -> list[Session]:
    sign = "" if forward else "-"
    order = [f"{sign}{column}" for column in SESSION_ORDER]
    found: list[Session] = []
    for id_ in ids:
        own = Session.objects.filter(which, end_user_id=id_).order_by(*order)
        found += _with_words(own)[:count]
    found.sort(key=_place, reverse=not forward)
    return found[:count]


def _with_words(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Add `first_words`: the start of the first text that the user sent in the session."""
    nearest = Message.objects.filter(
        end_user_id=OuterRef(OuterRef("end_user_id")),
        sent_at__gte=OuterRef(OuterRef("first_at")),
        sent_at__lte=OuterRef(OuterRef("last_at")),
    ).order_by(*ORDER)
    own = Message.objects.filter(
        end_user_id=OuterRef("end_user_id"),
        id__in=nearest.values("id")[:_MAX_SCANNED],
        role=Message.Role.USER,
        session_id=OuterRef("external_id"),
    ).exclude(text="")
    # What stands before the first message of a chat's session is of an earlier session.
    own = own.exclude(
        session_id="",
        sent_at=OuterRef("first_at"),
        position__lt=OuterRef("first_position"),
    )
    # A session with an id of its own may span chats; all others belong to one chat.
    own = own.filter(~Q(session_id="") | Q(chat=OuterRef("chat")))
    words = own.order_by(*ORDER).annotate(words=Left("text", _MAX_WORDS)).values("words")[:1]
    return sessions.annotate(first_words=Subquery(words))
