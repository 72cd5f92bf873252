"""Whether a message would start a session, which a limit on sessions counts."""

import datetime as dt
import uuid
from collections.abc import Iterable

from frontdesk.gate.usage import ActiveReservation
from frontdesk.ledger.events import Event, position_of
from frontdesk.ledger.figures import of_message
from frontdesk.ledger.models import Session
from frontdesk.ledger.sessions import adds_gap_session, explicit_session_id
from frontdesk.ledger.spans import Span


def session_of(user_id: uuid.UUID, event: Event) -> uuid.UUID:
    """The id of the event's explicit session, or one that represents its chat."""
    if event.session_id is not None:
        return explicit_session_id(user_id, event.session_id)
    return uuid.uuid5(user_id, f"chat:{event.chat}")


def starts_session(
    user_id: uuid.UUID,
    event: Event,
    timeout: dt.timedelta,
    reservations: Iterable[ActiveReservation],
) -> bool:
    """Whether the event adds a session with a message from the user.

    A session with messages only from the agent does not count as started. A reserved message counts
    as if it were recorded.
    """
    session = session_of(user_id, event)
    reserved = [each for each in reservations if each.session == session]
    if event.session_id is None:
        others = [_message(each.reserved_at, each.position, each.new_session) for each in reserved]
        message = _message(event.time, position_of(event), event.new_session)
        return adds_gap_session(user_id, event.chat, message, others, timeout)
    if reserved:
        return False
    started = Session.objects.filter(end_user_id=user_id, id=session, messages_sent__gt=0)
    return not started.exists()


def _message(time: dt.datetime, position: int, boundary: bool) -> Span:
    figures = of_message("user", None, has_usage=False, failed=False)
    return Span(time, time, boundary, figures, None, position)
