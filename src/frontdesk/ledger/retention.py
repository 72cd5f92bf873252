"""Removes the texts that an agent no longer keeps; totals and messages stay.

Runs every night, and immediately by `frontdesk retention`.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator

from django.db.models import Exists, OuterRef, QuerySet

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import users
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.texts import kept_from

CHUNK = 500
OVERLAP = dt.timedelta(hours=1)
"""How much of the processed time the next run processes again: a batch that was being recorded then
was not visible, and may have kept texts."""
PORTION = 20_000
"""About how many messages the users that are locked together have: their recording waits."""


def redact_texts(
    agent: Agent, now: dt.datetime, progress: Callable[[int], None] | None = None
) -> int:
    """Remove the texts that the agent's settings do not keep; returns from how many messages.

    Messages that an earlier run has processed are skipped. `progress` is called with numbers of
    users done. Safe to repeat, and safe during recording.
    """
    agent = Agent.objects.get(id=agent.id)  # its current settings
    before = kept_from(agent, now)
    if before is None:
        return 0
    texts = Message.objects.filter(sent_at__lt=before, redacted=False)
    if agent.texts_gone_before:
        texts = texts.filter(sent_at__gte=agent.texts_gone_before)
    redacted = 0
    for ids in _portions(agent, texts):
        redacted += with_retries(_redact)(agent, ids, texts)
        if progress:
            progress(len(ids))
    _move_watermark(agent, min(before, now) - OVERLAP)
    return redacted


def _portions(agent: Agent, texts: QuerySet[Message]) -> Iterator[list[uuid.UUID]]:
    """The users with such texts, in portions. A user with many messages is a portion alone."""
    ids: list[uuid.UUID] = []
    messages = 0
    for id_, chat_messages in _users(agent, texts):
        if ids and (messages + chat_messages > PORTION or len(ids) == CHUNK):
            yield ids
            ids, messages = [], 0
        ids.append(id_)
        messages += chat_messages
    if ids:
        yield ids


def _users(agent: Agent, texts: QuerySet[Message]) -> Iterator[tuple[uuid.UUID, int]]:
    has_some = Exists(texts.filter(end_user_id=OuterRef("id")))
    users_with_some = EndUser.objects.filter(has_some, agent=agent).order_by("id")
    last = uuid.UUID(int=0)
    while found := list(
        users_with_some.filter(id__gt=last).values_list("id", "total_chat_messages")[:CHUNK]
    ):
        yield from found
        last = found[-1][0]


def _redact(agent: Agent, ids: list[uuid.UUID], texts: QuerySet[Message]) -> int:
    locked = users.lock_ids(agent.id, ids)
    theirs = texts.filter(end_user_id__in=list(locked))
    return theirs.update(text="", error="", redacted=True)


def _move_watermark(agent: Agent, to: dt.datetime) -> None:
    """Move it, unless the settings changed or older texts arrived in the meantime."""
    unchanged = Agent.objects.filter(
        id=agent.id,
        keep_texts=agent.keep_texts,
        keep_days=agent.keep_days,
        texts_gone_before=agent.texts_gone_before,
    )
    if agent.texts_gone_before is None or to > agent.texts_gone_before:
        unchanged.update(texts_gone_before=to)
