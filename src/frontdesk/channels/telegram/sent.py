"""Which answer a message is that a bot has sent: Telegram names it in later updates by its id only.

Each id is kept under the key of the person who was answered.
"""

import datetime as dt
import uuid
from typing import NamedTuple

from frontdesk.channels.conversation import answer_key
from frontdesk.channels.telegram.commands import OWN
from frontdesk.channels.telegram.content import mapping
from frontdesk.channels.telegram.models import SentMessage, TelegramUpdate
from frontdesk.channels.telegram.wire import id_of
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import users

KEPT_FOR = dt.timedelta(days=90)
"""Nearly all reactions come within days; without an end this would grow like the messages."""


class Sent(NamedTuple):
    """Where a message of the bot stands."""

    chat: int
    number: int

    @classmethod
    def of(cls, result: object) -> "Sent | None":
        """Of what Telegram says when it has taken a message; None if that cannot be read."""
        message = mapping(result)
        chat = id_of(mapping(message.get("chat")).get("id"))
        number = id_of(message.get("message_id"))
        return None if chat is None or number is None else cls(chat, number)


def note_sent(agent_id: uuid.UUID, row: TelegramUpdate, place: Sent) -> None:
    """Note where a part of the answer to this update stands."""
    incoming = row.incoming
    if incoming.kind in ("message", "edit") and incoming.command not in OWN:
        sent = SentMessage(
            end_user_id=row.end_user_id,
            bot_id=row.bot_id,
            chat=place.chat,
            number=place.number,
            thread=incoming.thread,
            answer_id=answer_key(row.end_user_id, row.event(), row.attempt),
        )
        with_retries(_note)(agent_id, sent)


def find_sent(user: uuid.UUID, bot_id: int, chat: int, number: int) -> SentMessage | None:
    """The message of a bot, if it is a part of an answer to this user."""
    found = SentMessage.objects.filter(end_user_id=user, bot_id=bot_id, chat=chat, number=number)
    return found.first()


def find_sent_in_group(bot_id: int, chat: int, number: int) -> SentMessage | None:
    """The message of a bot in a group, if it is a part of an answer to anyone."""
    return SentMessage.objects.filter(bot_id=bot_id, chat=chat, number=number).first()


def forget_sent(now: dt.datetime) -> int:
    """Delete the ids of old answers; returns how many."""
    return SentMessage.objects.filter(sent_at__lt=now - KEPT_FOR).delete()[0]


def _note(agent_id: uuid.UUID, sent: SentMessage) -> None:
    if users.lock_ids(agent_id, [sent.end_user_id]):  # not erased meanwhile
        SentMessage.objects.bulk_create([sent], ignore_conflicts=True)
