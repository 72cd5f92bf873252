"""What an update leads to: the gate, commands, and the question that is left for the backend."""

import logging
import threading
import time
import uuid

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Question
from frontdesk.channels.conversation import find_answers, key_of, question_of
from frontdesk.channels.telegram import commands, inbox
from frontdesk.channels.telegram.inbox import Key, Reply
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.channels.telegram.rendering import plain, render
from frontdesk.channels.telegram.updates import Incoming
from frontdesk.channels.words import nearest, phrase
from frontdesk.gate.admission import Verdict, admit, check
from frontdesk.ledger.events import EventError
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.reachability import set_reachable
from frontdesk.ledger.record import record

logger = logging.getLogger(__name__)

SAME_REFUSAL_EVERY = 60.0
"""Seconds in which a person is told the same refusal once: who floods gets no flood back."""
NOTHING_ANSWERS = "nothing answers for this agent: see Settings, What answers"


class Refusals:
    """Whom this worker has told what, lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[tuple[uuid.UUID, str], float] = {}

    def may_be_told(self, user: uuid.UUID, reason: str) -> bool:
        """Whether to tell it now, which counts as told."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.get((user, reason), -SAME_REFUSAL_EVERY) < SAME_REFUSAL_EVERY:
                return False
            if len(self._told) > 10_000:
                old = now - SAME_REFUSAL_EVERY
                self._told = {key: at for key, at in self._told.items() if at > old}
            self._told[user, reason] = now
            return True


def begin(agent: Agent, row: TelegramUpdate, refusals: Refusals) -> Question | None:
    """Deal with a waiting update as far as that needs no backend; what is left is the question.

    It may be done again from its beginning: whoever was let in is let in again.
    """
    key, incoming = Key(row.end_user_id, row.key), inbox.incoming_of(row)
    try:
        match incoming.kind:
            case "membership":
                _note_membership(agent, row.end_user_id, incoming)
                inbox.close(key)
            case "edit":
                _note_edit(agent, row.end_user_id, incoming)
                inbox.close(key)
            case "message" if incoming.command in commands.OWN:
                _command(agent, key, incoming, refusals)
            case "message":
                return _message(agent, key, incoming, refusals)
    except EventError as error:  # such as a time ahead of ours: nobody can mend it
        logger.warning("update %s cannot be recorded: %s", row.key, error.reason)
        give_up(agent, row)
    return None


def keep_answer(agent: Agent, row: TelegramUpdate, given: Answer) -> None:
    """Keep the backend's answer, to be sent; one that has failed ends with words that say so."""
    parts = render(given.text)
    if given.error or not parts:
        parts += plain(phrase("failed", language_of(agent, inbox.incoming_of(row))))
    inbox.keep(Key(row.end_user_id, row.key), Reply(parts, given))


def give_up(agent: Agent, row: TelegramUpdate) -> None:
    """Keep words that say it did not work, for an update that cannot be dealt with."""
    incoming = inbox.incoming_of(row)
    event = incoming.event()
    known = Message.objects.filter(end_user_id=row.end_user_id, id=key_of(agent, event)).exists()
    answer = Answer(error="internal error; see the log of the worker") if known else None
    words = plain(phrase("failed", language_of(agent, incoming)))
    told = words if incoming.kind == "message" else []
    inbox.keep(Key(row.end_user_id, row.key), Reply(told, answer))


def language_of(agent: Agent, incoming: Incoming) -> str:
    """The language in which the channel itself speaks to the person."""
    return nearest(*filter(None, [incoming.language, agent.language]))


def _command(agent: Agent, key: Key, incoming: Incoming, refusals: Refusals) -> None:
    # Asked without an id the gate counts nothing. Limits are no reason not to tell of limits.
    verdict = check(agent, incoming.event(message_id=None), verified=True)
    if not verdict.admitted and verdict.limit is None:
        _refuse(key, verdict, refusals)
        return
    said = commands.answer(agent, incoming, language_of(agent, incoming))
    inbox.keep(key, Reply(plain(said)))


def _message(agent: Agent, key: Key, incoming: Incoming, refusals: Refusals) -> Question | None:
    is_start = incoming.command == "start"
    event = commands.start_event(incoming) if is_start else incoming.event()
    verdict = admit(agent, event, verified=True)
    if not verdict.admitted:
        _refuse(key, verdict, refusals)
        return None
    if incoming.is_private:
        _note_reached(agent, key.end_user_id, incoming)
    is_known = verdict.outcome is not None and verdict.outcome.status != "recorded"
    if is_known and find_answers(agent, event):  # it was imported, say, with its answer
        inbox.close(key)
        return None
    language = language_of(agent, incoming)
    if is_start:
        commands.start(agent, key, incoming, language)
        return None
    if not Backend.objects.filter(agent=agent).exists():
        words = plain(phrase("unavailable", language))
        inbox.keep(key, Reply(words, Answer(error=NOTHING_ANSWERS)))
        return None
    return question_of(agent, event, verified=True, text=incoming.asked)


def _refuse(key: Key, verdict: Verdict, refusals: Refusals) -> None:
    if refusals.may_be_told(key.end_user_id, verdict.reason):
        inbox.keep(key, Reply(plain(verdict.text)))
    else:
        inbox.close(key)


def _note_membership(agent: Agent, user: uuid.UUID, incoming: Incoming) -> None:
    cause = "uses the bot again" if incoming.is_member else "blocked the bot"
    set_reachable(agent, user, reachable=incoming.is_member, at=incoming.at, cause=cause)


def _note_reached(agent: Agent, user: uuid.UUID, incoming: Incoming) -> None:
    """Who writes can be written to."""
    unreachable = EndUser.objects.filter(id=user, unreachable_since__isnull=False)
    if unreachable.exists():
        set_reachable(agent, user, reachable=True, at=incoming.at, cause="wrote again")


def _note_edit(agent: Agent, user: uuid.UUID, incoming: Incoming) -> None:
    """An edit gets no answer; of a message that was not let in nothing is known."""
    event = incoming.event()
    if Message.objects.filter(end_user_id=user, id=key_of(agent, event)).exists():
        record(agent, [event])
