"""Stores Telegram's updates, before Telegram gets the confirmation that they have arrived."""

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from django.db.models import F, Q
from django.utils import timezone

from frontdesk.channels.clock import usable_time
from frontdesk.channels.outbox import Outbox
from frontdesk.channels.telegram import commands, groups, thoughts
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.sent import find_sent, find_sent_in_group
from frontdesk.channels.telegram.updates import (
    PLATFORM,
    Incoming,
    Known,
    Me,
    group_of,
    number_of,
    read,
)
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger.events import user_id
from frontdesk.ledger.models import EndUser

logger = logging.getLogger(__name__)

OUTBOX = Outbox(TelegramUpdate)
SEEN_EVERY = dt.timedelta(seconds=5)
"""The time of a bot's last update is written at most this often."""


def store(agent_id: uuid.UUID, bot: uuid.UUID, me: Me, raws: Sequence[dict[str, Any]]) -> int:
    """Store the updates that are for the agent; returns how many. Known ones do not change."""
    batch = _Batch(agent_id, bot, me)
    batch.note_migrations(raws)
    for raw in raws:
        batch.add(raw)
    with_retries(batch.store)()
    return len(batch.rows)


class _Batch:
    """Updates of one bot that arrived together."""

    def __init__(self, agent_id: uuid.UUID, bot: uuid.UUID, me: Me) -> None:
        self._agent_id, self._bot, self._me = agent_id, bot, me
        self._now = timezone.now()
        self._clock_ahead = 0
        self._unnamed = 0
        self._origins: dict[int, int] = {}
        self.rows: list[TelegramUpdate] = []

    def note_migrations(self, raws: Sequence[dict[str, Any]]) -> None:
        for old, new in filter(None, map(groups.migration_in, raws)):
            groups.note_migration(self._agent_id, old, new)
        if chats := {id_ for raw in raws if (id_ := group_of(raw)) is not None}:
            self._origins = groups.origins_of(self._agent_id, chats)

    def add(self, raw: dict[str, Any]) -> None:
        number = number_of(raw)
        try:
            incoming = read(raw, self._me, Known(self._goes_on, self._origins))
        except Exception as error:  # else Telegram would repeat it and hold back all later ones
            reason = type(error).__name__
            logger.warning(
                "bot %s: update %s is skipped, not understood: %s", self._bot, number, reason
            )
            return
        if incoming is not None and incoming.kind == "unnamed":
            self._unnamed += 1
            logger.info(
                "bot %s: a message in chat %s is by no person", self._bot, incoming.dialogue
            )
        if incoming is not None and number is not None and self._is_wanted(incoming):
            self.rows.append(self._row(number, incoming))

    def store(self) -> None:
        OUTBOX.store(self.rows)
        seen = TelegramBot.objects.filter(id=self._bot)
        is_old = Q(last_update_at=None) | Q(last_update_at__lt=self._now - SEEN_EVERY)
        seen = seen.filter(is_old | ~Q(clock_ahead=self._clock_ahead))
        seen.update(last_update_at=self._now, clock_ahead=self._clock_ahead)
        if self._unnamed:
            bot = TelegramBot.objects.filter(id=self._bot)
            bot.update(unnamed_messages=F("unnamed_messages") + self._unnamed)

    def _goes_on(self, incoming: Incoming) -> bool:
        """Whether this is the next part of the last message in its lane."""
        if not (incoming.album or incoming.is_text):
            return False
        here = [row for row in self.rows if row.chat == incoming.lane and row.may_be_part]
        last = here[-1] if here else thoughts.find_open(self._bot, incoming.lane)
        return last is not None and last.incoming.last.goes_on_with(incoming)

    def _is_wanted(self, incoming: Incoming) -> bool:
        """Whether it is for the agent. A reaction is, if it is to an answer to the same person or,
        in a group, if it is a user's to any answer."""
        if incoming.kind != "reaction":
            return True
        user, place = self._user_of(incoming), (self._me.id, incoming.chat, incoming.message)
        sent = find_sent(user, *place)
        if sent is None and not incoming.is_private and EndUser.objects.filter(id=user).exists():
            sent = find_sent_in_group(*place)
        if sent is not None:  # it waits in the lane of its answer, which may not be recorded yet
            incoming.thread = sent.thread
        return sent is not None

    def _user_of(self, incoming: Incoming) -> uuid.UUID:
        return user_id(self._agent_id, PLATFORM, incoming.external_id)

    def _row(self, number: int, incoming: Incoming) -> TelegramUpdate:
        # Numbers begin anew when a bot was silent for a week, so they alone do not identify.
        key = f"{self._me.id}:{number}:{incoming.digest}"
        if incoming.kind == "unnamed":  # one row, and so one reply, for each chat and hour
            hour = int(self._now.timestamp()) // 3600
            key = f"{self._me.id}:{incoming.kind}:{incoming.chat}:{hour}"
        self._correct_times(incoming)
        return TelegramUpdate(
            end_user_id=self._user_of(incoming),
            key=key,
            connection_id=self._bot,
            number=number,
            chat=incoming.lane,
            is_urgent=incoming.kind in ("edit", "stop") or incoming.command in commands.URGENT,
            payload=msgspec.to_builtins(incoming),
        )

    def _correct_times(self, incoming: Incoming) -> None:
        """Telegram's clock may be so far ahead of ours that the ledger would refuse its times."""
        times = (incoming.time, incoming.time if incoming.edited is None else incoming.edited)
        usable = [usable_time(_moment(time), self._now) for time in times]
        if max(times) > int(max(usable).timestamp()):
            self._clock_ahead = max(self._clock_ahead, max(times) - int(self._now.timestamp()))
        incoming.time = int(usable[0].timestamp())
        if incoming.edited is not None:
            incoming.edited = int(usable[1].timestamp())


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
