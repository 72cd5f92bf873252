"""The inbox: updates that are taken in, and how far each of them is.

A row is written before Telegram is told that the update arrived, and says at every moment what may
have reached the person. Each step is one statement about one row that asks for the state it starts
from: of two workers one goes on. So no step but the last, which records, needs the user's lock.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db.models import Q, QuerySet
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.channels.conversation import record_answer
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.rendering import Part
from frontdesk.channels.telegram.updates import PLATFORM, Incoming, Me, number_of, read
from frontdesk.core.sql.retries import with_retries
from frontdesk.core.text import storable
from frontdesk.gate import blocks
from frontdesk.ledger.events import user_id

logger = logging.getLogger(__name__)

State = TelegramUpdate.State
SEEN_EVERY = dt.timedelta(seconds=5)
"""How often the time of a bot's last update is written at most."""
_LOOKED_THROUGH = 500


class Key(NamedTuple):
    """Which row of the inbox."""

    end_user_id: uuid.UUID
    key: str


class Reply(msgspec.Struct, omit_defaults=True):
    """What is sent for an update: an answer, which is recorded then, or words of our own."""

    parts: list[Part]
    answer: Answer | None = None


class NotSent(Exception):  # noqa: N818  # an end like another
    """An answer that is not to be sent, or cannot be; the text, for operators, says why."""


def store(agent_id: uuid.UUID, bot: uuid.UUID, me: Me, raws: Sequence[dict[str, Any]]) -> int:
    """Take in the updates that are meant for the agent; says how many. Known ones stay as they are.

    What is committed then may be forgotten by Telegram.
    """
    rows = list(filter(None, (_row(agent_id, bot, me, raw) for raw in raws)))
    with_retries(_store)(bot, rows)
    return len(rows)


def _row(agent_id: uuid.UUID, bot: uuid.UUID, me: Me, raw: dict[str, Any]) -> TelegramUpdate | None:
    number = number_of(raw)
    try:
        incoming = read(raw, me)
    except Exception as error:  # Telegram would send it again and again, and nothing behind it
        told = type(error).__name__
        logger.warning("bot %s: update %s is passed over, not understood: %s", bot, number, told)
        return None
    if incoming is None or number is None:
        return None
    return TelegramUpdate(
        end_user_id=user_id(agent_id, PLATFORM, incoming.external_id),
        key=f"{me.id}:{number}",
        bot_id=bot,
        number=number,
        chat=incoming.chat,
        payload=msgspec.to_builtins(incoming),
    )


def _store(bot: uuid.UUID, rows: Iterable[TelegramUpdate]) -> None:
    TelegramUpdate.objects.bulk_create(rows, ignore_conflicts=True)
    now = timezone.now()
    seen = TelegramBot.objects.filter(id=bot)
    seen = seen.filter(Q(last_update_at=None) | Q(last_update_at__lt=now - SEEN_EVERY))
    seen.update(last_update_at=now)


def pending(bot: uuid.UUID, busy: Collection[int], most: int) -> list[tuple[int, Key]]:
    """The next update of each chat that is not busy, with the chat: the oldest first."""
    rows = TelegramUpdate.objects.filter(bot_id=bot).exclude(state=State.DONE)
    if busy:
        rows = rows.exclude(chat__in=list(busy))
    found: dict[int, Key] = {}
    columns = rows.order_by("number").values_list("chat", "end_user_id", "key")
    for chat, end_user_id, key in columns[:_LOOKED_THROUGH]:
        found.setdefault(chat, Key(end_user_id, key))
        if len(found) >= most:
            break
    return list(found.items())


def load(key: Key) -> TelegramUpdate | None:
    """The row, unless it is done or gone: the user may have been erased."""
    return _open(key).first()


def incoming_of(row: TelegramUpdate) -> Incoming:
    return msgspec.convert(row.payload, Incoming)


def keep(key: Key, reply: Reply) -> None:
    """Keep what is to be sent, before any of it is."""
    if reply.answer is not None:
        reply.answer.text = storable(reply.answer.text)
        reply.answer.error = storable(reply.answer.error)
    _open(key).filter(state=State.WAITING).update(
        state=State.ANSWERED, answer=msgspec.to_builtins(reply), parts_sent=0, is_sending=False
    )


def close(key: Key) -> None:
    """The update is dealt with; nothing of what was said is kept in it."""
    _open(key).update(state=State.DONE, payload={}, answer={}, is_sending=False)


def settle_interrupted(key: Key) -> bool:
    """A part that was on its way when its worker ended counts as sent; says whether there was one.

    Telegram cannot be asked, and twice would be wrong more often.
    """
    row = _open(key).filter(is_sending=True).first()
    return row is not None and part_is_sent(key, row.parts_sent)


def next_part(agent: Agent, key: Key) -> tuple[int, Part] | None:
    """The next part and its place, marked as on its way; None when there is none.

    Raises NotSent for an answer whose person was blocked, or whose agent was paused meanwhile.
    """
    row = _open(key).filter(state=State.ANSWERED, is_sending=False).first()
    if row is None:
        return None
    reply = msgspec.convert(row.answer, Reply)
    if row.parts_sent >= len(reply.parts):
        return None
    if reply.answer is not None:
        _check_still_welcome(agent, key.end_user_id)
    same = _open(key).filter(parts_sent=row.parts_sent, is_sending=False)
    if not same.update(is_sending=True):
        return None
    return row.parts_sent, reply.parts[row.parts_sent]


def part_is_sent(key: Key, place: int) -> bool:
    mine = _open(key).filter(parts_sent=place, is_sending=True)
    return bool(mine.update(parts_sent=place + 1, is_sending=False))


def part_is_not_sent(key: Key, place: int) -> None:
    """It is certain that it has not arrived, and it may be tried again."""
    _open(key).filter(parts_sent=place, is_sending=True).update(is_sending=False)


def finish(agent: Agent, key: Key, not_sent: str = "") -> None:
    """Record the answer, and close the update; `not_sent` says why the rest of it was not sent."""
    with_retries(_finish)(agent, key, not_sent)


def _finish(agent: Agent, key: Key, not_sent: str) -> None:
    row = load(key)
    if row is None:
        return
    reply = msgspec.convert(row.answer, Reply) if row.state == State.ANSWERED else Reply([])
    if reply.answer is not None:
        if not_sent:
            reply.answer.error = f"Not sent: {not_sent}"
            sent = reply.parts[: row.parts_sent]
            reply.answer.text = "\n".join(part.text for part in sent)
        record_answer(agent, incoming_of(row).event(), reply.answer)
    close(key)


def _check_still_welcome(agent: Agent, user: uuid.UUID) -> None:
    now = Agent.objects.get(id=agent.id)  # as it is at this moment
    if now.archived_at or now.deleting_since:
        raise NotSent("the agent is archived")
    if now.paused_at:
        raise NotSent("the agent was paused meanwhile")
    if user in blocks.current([user]):
        raise NotSent("the person was blocked meanwhile")


def _open(key: Key) -> "QuerySet[TelegramUpdate]":
    rows = TelegramUpdate.objects.filter(end_user_id=key.end_user_id, key=key.key)
    return rows.exclude(state=State.DONE)
