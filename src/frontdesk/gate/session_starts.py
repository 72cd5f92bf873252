"""Whether a message would start a new session: what a limit on sessions refuses."""

import datetime as dt
import uuid
from collections.abc import Iterable

from frontdesk.gate.usage import Place
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import Session
from frontdesk.ledger.sessions import explicit_session_id


def session_of(user_id: uuid.UUID, event: Event) -> uuid.UUID:
    """What stands for the event's explicit session, or for its chat."""
    if event.session_id is not None:
        return explicit_session_id(user_id, event.session_id)
    return uuid.uuid5(user_id, f"chat:{event.chat}")


def starts_session(
    user_id: uuid.UUID, event: Event, timeout: dt.timedelta, places: Iterable[Place]
) -> bool:
    """Whether the event would be the first of the user's in its session.

    A session that has only the agent's messages is not started yet. A message for which a place is
    kept counts as if it were there.
    """
    session = session_of(user_id, event)
    if not event.new_session and any(
        place.session == session
        and (event.session_id is not None or abs(place.reserved_at - event.time) <= timeout)
        for place in places
    ):
        return False
    sessions = Session.objects.filter(end_user_id=user_id)
    if event.session_id is not None:
        return not sessions.filter(id=session, messages_sent__gt=0).exists()
    return not _joins_gap_session(user_id, event, timeout)


def _joins_gap_session(user_id: uuid.UUID, event: Event, timeout: dt.timedelta) -> bool:
    """As `ledger.spans.join` does: a boundary belongs with what is at its moment, or after it."""
    in_chat = Session.objects.filter(end_user_id=user_id, external_id="", chat=event.chat)
    columns = ("first_at", "last_at", "boundary", "messages_sent")
    before = in_chat.filter(first_at__lte=event.time).order_by("-first_at")
    for first_at, last_at, _, sent in before.values_list(*columns)[:1]:
        is_cut_off = event.new_session and first_at < event.time
        if sent and not is_cut_off and event.time - last_at <= timeout:
            return True
    after = in_chat.filter(first_at__gt=event.time).order_by("first_at")
    for first_at, _, boundary, sent in after.values_list(*columns)[:1]:
        return bool(sent and not boundary and first_at - event.time <= timeout)
    return False
