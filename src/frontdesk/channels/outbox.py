"""The durable inbox and outbox of a channel: received messages and the progress of their answers.

A row is written before the other side gets its confirmation, and always shows what may have reached
the person:

    waiting    the message has arrived; processing it can start over
    answered   the reply is stored, and `parts_sent` of its parts are delivered
    done       the answer is recorded; the row has no texts any more

Each step is one statement on one row that requires the state it starts from, so only one of two
workers continues. Only the last step, which records, needs the user's lock. A part is marked before
it is sent. If the worker dies at this moment, the part counts as delivered: the other side cannot
be asked, and sending twice would be wrong more often.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from django.db.models import Q, QuerySet

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.channels.conversation import record_answer
from frontdesk.channels.models import InboxItem
from frontdesk.core.sql.retries import with_retries
from frontdesk.core.text import storable
from frontdesk.gate import blocks

Item = TypeVar("Item", bound=InboxItem)
State = InboxItem.State

_SCANNED = 500
"""How many items are searched for the next one of each chat."""


class Key(NamedTuple):
    """Identifies a row of the inbox."""

    end_user_id: uuid.UUID
    key: str


class Lane(NamedTuple):
    """One item of a lane is worked on at a time. A chat has two: urgent items go first."""

    chat: str
    is_urgent: bool = False


class Part(msgspec.Struct, omit_defaults=True):
    """One message to send; `entities` is its formatting in the channel's own form.

    `rich` is another form of the whole message, for servers that accept it; `text` is then its
    Markdown.
    """

    text: str
    entities: list[dict[str, Any]] = []
    rich: str = ""


class Reply(msgspec.Struct, omit_defaults=True):
    """The reply to an item: an answer, which is recorded once sent, or the channel's own text."""

    parts: list[Part]
    answer: Answer | None = None


class NotSent(Exception):  # noqa: N818  # an ordinary outcome
    """A reply that must not or cannot be sent; the text, for operators, says why."""


class SendInstead(Exception):  # noqa: N818  # not a failure yet
    """A part has certainly not arrived, and never will in this form; `parts` say the same."""

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__(f"sent in {len(parts)} parts of another form")
        self.parts = parts


class Unreachable(NotSent):
    """This person can no longer be reached; `cause` says what they did."""

    def __init__(self, text: str, cause: str) -> None:
        super().__init__(text)
        self.cause = cause


class TryLater(Exception):  # noqa: N818  # not a failure yet
    """A part has certainly not arrived; retry in this many seconds. The text says what is wrong."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


def key_of(item: InboxItem) -> Key:
    return Key(item.end_user_id, item.key)


class Outbox(Generic[Item]):
    """The inbox and outbox in one channel's table."""

    def __init__(self, model: type[Item]) -> None:
        self._model = model

    def store(self, items: Sequence[Item]) -> None:
        """Store the new items. Once this is committed, the other side may forget them."""
        self._rows.bulk_create(items, ignore_conflicts=True)

    def pending(
        self, connection: uuid.UUID, busy: Collection[Lane], limit: int
    ) -> list[tuple[Lane, Key]]:
        """The next item of each lane that is not busy, oldest first; urgent ones beyond `limit`.

        An urgent item waits for no other, and the later items of its chat wait for it.
        """
        rows = self._rows.filter(connection_id=connection).exclude(state=State.DONE)
        rows = rows.exclude(chat__in=[lane.chat for lane in busy if lane.is_urgent])
        rows = rows.exclude(chat__in=[lane.chat for lane in busy], is_urgent=False)
        if limit <= 0:
            rows = rows.filter(is_urgent=True)
        found: dict[Lane, Key] = {}
        columns = ("chat", "is_urgent", "end_user_id", "key")
        for chat, is_urgent, *key in rows.order_by("number").values_list(*columns)[:_SCANNED]:
            waits = not is_urgent and (limit <= 0 or Lane(chat, is_urgent=True) in found)
            lane = Lane(chat, is_urgent)
            if not waits and lane not in found:
                found[lane] = Key(*key)
                limit -= not is_urgent
        return list(found.items())

    def load(self, key: Key) -> Item | None:
        """The row, unless it is done or gone: the user may have been erased."""
        return self._open(key).first()

    def save_reply(self, key: Key, reply: Reply) -> None:
        """Save what will be sent, before any part of it is sent."""
        if reply.answer is not None:
            reply.answer.text = storable(reply.answer.text)
            reply.answer.error = storable(reply.answer.error)
        self._open(key).filter(state=State.WAITING).update(
            state=State.ANSWERED, answer=msgspec.to_builtins(reply), parts_sent=0, is_sending=False
        )

    def close(self, key: Key) -> None:
        """Mark the item as done and remove its texts."""
        self._open(key).update(state=State.DONE, payload={}, answer={}, is_sending=False)

    def settle_interrupted(self, key: Key) -> bool:
        """Count a part as sent if its worker died while sending it; returns whether one did."""
        row = self._open(key).filter(is_sending=True).first()
        return row is not None and self.part_is_sent(key, row.parts_sent)

    def next_part(self, agent: Agent, key: Key) -> tuple[int, Part] | None:
        """The next part and its number, now marked as being sent; None if there is none.

        Raises NotSent if the person was blocked or the agent was paused in the meantime.
        """
        row = self._open(key).filter(state=State.ANSWERED, is_sending=False).first()
        if row is None:
            return None
        reply = msgspec.convert(row.answer, Reply)
        if row.parts_sent >= len(reply.parts):
            return None
        if reply.answer is not None:
            _check_may_be_sent(agent, key.end_user_id)
        same = self._open(key).filter(parts_sent=row.parts_sent, is_sending=False)
        if not same.update(is_sending=True):
            return None
        return row.parts_sent, reply.parts[row.parts_sent]

    def part_is_sent(self, key: Key, number: int) -> bool:
        mine = self._open(key).filter(parts_sent=number, is_sending=True)
        return bool(mine.update(parts_sent=number + 1, is_sending=False))

    def part_is_not_sent(self, key: Key, number: int) -> None:
        """Mark a part that certainly has not arrived, so that it can be sent again."""
        self._open(key).filter(parts_sent=number, is_sending=True).update(is_sending=False)

    def replace_part(self, key: Key, number: int, parts: Sequence[Part]) -> None:
        """Save in which form a part that certainly has not arrived will be sent instead."""
        mine = self._open(key).filter(parts_sent=number, is_sending=True)
        if (row := mine.first()) is not None:
            reply = msgspec.convert(row.answer, Reply)
            reply.parts[number : number + 1] = parts
            mine.update(answer=msgspec.to_builtins(reply), is_sending=False)

    def finish(self, agent: Agent, key: Key, not_sent: str = "") -> None:
        """Record the answer and close the item; `not_sent` says why the rest was not sent."""
        with_retries(self._finish)(agent, key, not_sent)

    def forget(self, before: dt.datetime, connections: "QuerySet[Any]") -> int:
        """Delete old done items and those without a connection; returns how many."""
        old = Q(state=State.DONE, received_at__lt=before)
        orphaned = ~Q(connection_id__in=connections.values("pk"))
        return self._rows.filter(old | orphaned).delete()[0]

    def _finish(self, agent: Agent, key: Key, not_sent: str) -> None:
        row = self.load(key)
        if row is None:
            return
        reply = msgspec.convert(row.answer, Reply) if row.state == State.ANSWERED else Reply([])
        if reply.answer is not None:
            if not_sent:
                reply.answer.error = f"Not sent: {not_sent}"
                sent = reply.parts[: row.parts_sent]
                reply.answer.text = "\n".join(part.text for part in sent)
            record_answer(agent, row.event(), reply.answer, row.attempt)
        self.close(key)

    @property
    def _rows(self) -> "QuerySet[Item]":
        return self._model._default_manager.all()

    def _open(self, key: Key) -> "QuerySet[Item]":
        rows = self._rows.filter(end_user_id=key.end_user_id, key=key.key)
        return rows.exclude(state=State.DONE)


def _check_may_be_sent(agent: Agent, user: uuid.UUID) -> None:
    now = Agent.objects.get(id=agent.id)  # it may have changed since the item was loaded
    if now.archived_at or now.deleting_since:
        raise NotSent("the agent is archived")
    if now.paused_at:
        raise NotSent("the agent was paused meanwhile")
    if user in blocks.current([user]):
        raise NotSent("the person was blocked meanwhile")
