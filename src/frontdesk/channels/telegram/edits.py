"""Edits of messages."""

from frontdesk.agents.models import Agent
from frontdesk.channels.conversation import key_of as message_key
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.ledger.models import Message
from frontdesk.ledger.record import record


def record_edit(agent: Agent, row: TelegramUpdate) -> None:
    """Record an edit, unless its message was not admitted."""
    event = row.event()
    key = message_key(agent, event)
    message = Message.objects.filter(end_user_id=row.end_user_id, id=key).first()
    if message is None:
        return
    # An edit changes neither of these, but the message may have got another time or chat here.
    event.time, event.chat = message.sent_at, message.chat
    event.edited_at = max(event.edited_at or event.time, event.time)
    record(agent, [event])
