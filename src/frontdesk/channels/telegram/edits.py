"""Edits: of a question that waits for its answer, and of one that has it."""

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.channels.conversation import MAX_ATTEMPTS, find_answers
from frontdesk.channels.conversation import key_of as message_key
from frontdesk.channels.telegram import thoughts
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.updates import Incoming
from frontdesk.gate.admission import Verdict, check
from frontdesk.ledger.models import Message
from frontdesk.ledger.record import record


def change_waiting(row: TelegramUpdate) -> bool:
    """Put an edit into its question; returns whether that still waits for its answer."""
    edit = row.incoming
    with thoughts.CHANGING:
        for other in thoughts.waiting(row.connection_id, row.chat).filter(number__lt=row.number):
            whole = other.incoming
            for part in (whole, *whole.parts):
                if (part.chat, part.message) == (edit.chat, edit.message):
                    _apply(edit, part)
                    return thoughts.save(other, whole)
    return False


def record_edit(agent: Agent, row: TelegramUpdate) -> bool:
    """Record an edit; returns whether its message is known: others were not admitted."""
    event = row.event()
    key = message_key(agent, event)
    message = Message.objects.filter(end_user_id=row.end_user_id, id=key).first()
    if message is None:
        return False
    # An edit changes neither of these, but the message may have got another time or chat here.
    event.time, event.chat = message.sent_at, message.chat
    event.edited_at = max(event.edited_at or event.time, event.time)
    record(agent, [event])
    return True


def begin_anew(agent: Agent, row: TelegramUpdate) -> Verdict | None:
    """The gate's verdict on answering an edited message again; None if it is not to be.

    The attempt is noted in the row, so that its answer is not taken for the first one's.
    """
    if not TelegramBot.objects.filter(id=row.connection_id, answers_edits=True).exists():
        return None
    incoming = row.incoming
    incoming.attempt = max(1, len(find_answers(agent, row.event()))) + 1
    if incoming.attempt > MAX_ATTEMPTS:
        return None
    thoughts.save(row, incoming)
    now = timezone.now()
    return check(agent, incoming.event(message_id=None, time=now, edited_at=None), verified=True)


def _apply(edit: Incoming, part: Incoming) -> None:
    if (part.edited or 0) <= (edit.edited or 0):
        part.edited = edit.edited
        part.text, part.asked, part.context = edit.text, edit.asked, edit.context
