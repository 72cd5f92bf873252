"""How a message is handled: the gate's refusal, the channel's own text, or a backend's answer."""

import logging
import threading
import time
import uuid
from typing import Generic

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Question
from frontdesk.channels.conversation import find_answers, question_of
from frontdesk.channels.conversation import key_of as message_key
from frontdesk.channels.outbox import Item, Outbox, Part, Reply, key_of
from frontdesk.channels.words import nearest, phrase
from frontdesk.core.text import storable
from frontdesk.gate.admission import Verdict, admit
from frontdesk.ledger.events import Event, EventError
from frontdesk.ledger.models import Message

logger = logging.getLogger(__name__)

SAME_REFUSAL_EVERY = 60.0
"""Seconds in which a person gets the same refusal only once, so that a flood gets no flood back."""
NOTHING_TO_SEND = "the answer has no visible text"
NO_BACKEND = "this agent has no backend: see Settings, Backend"


class Refusals:
    """The refusals that this worker has sent recently, by person."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[tuple[uuid.UUID, str], float] = {}

    def may_be_sent(self, user: uuid.UUID, reason: str) -> bool:
        """Whether to send it now; if so, it counts as sent."""
        now = time.monotonic()
        with self._lock:
            if now - self._sent.get((user, reason), -SAME_REFUSAL_EVERY) < SAME_REFUSAL_EVERY:
                return False
            if len(self._sent) > 10_000:
                old = now - SAME_REFUSAL_EVERY
                self._sent = {key: at for key, at in self._sent.items() if at > old}
            self._sent[user, reason] = now
            return True


class Replies(Generic[Item]):
    """Handles the items of one connection. A channel overrides what differs.

    `verified` says that the channel vouches for people's identities.
    """

    verified = False
    max_length: int | None = None
    """Characters of one part."""

    def __init__(self, outbox: Outbox[Item]) -> None:
        self.outbox = outbox
        self._refusals = Refusals()

    def begin(self, agent: Agent, row: Item) -> Question | None:
        """Handle a waiting item up to the backend; returns the question, if one is needed.

        This can be repeated, because a message that was admitted is admitted again.
        """
        try:
            return self.handle(agent, row)
        except EventError as error:  # permanent, such as a time in the future
            logger.warning("item %s cannot be recorded: %s", row.key, error.reason)
            self.give_up(agent, row)
        return None

    def handle(self, agent: Agent, row: Item) -> Question | None:
        event = row.event()
        verdict = self.admit(agent, row, event)
        if verdict is None or self.is_answered(agent, row, event, verdict):
            return None
        return self.ask(agent, row, event)

    def save_answer(self, agent: Agent, row: Item, answer: Answer) -> None:
        """Save the backend's answer, to be sent; a failed one ends with a text that says so."""
        if not answer.is_worth_keeping:  # stopped before its first word
            self.outbox.close(key_of(row))
            return
        parts = self.render(answer.text)
        if not parts and not answer.error:
            answer.error = NOTHING_TO_SEND
        if answer.error:
            parts += self.plain(phrase("failed", self.language_of(agent, row)))
        self.outbox.save_reply(key_of(row), Reply(parts, answer))

    def give_up(self, agent: Agent, row: Item) -> None:
        """Tell the person that it did not work, for an item that cannot be handled."""
        key = message_key(agent, row.event())
        known = Message.objects.filter(end_user_id=row.end_user_id, id=key).exists()
        answer = Answer(error="internal error; see the log of the worker") if known else None
        self.say(row, phrase("failed", self.language_of(agent, row)), answer)

    def language_of(self, agent: Agent, row: Item) -> str:
        """The language of the channel's own texts for the person."""
        return nearest(*filter(None, [row.event().language, agent.language]))

    def render(self, markdown: str) -> list[Part]:
        """The parts of an answer in their order; none if nothing would be visible."""
        return self.plain(markdown)

    def plain(self, text: str) -> list[Part]:
        """The parts of a text that is not Markdown."""
        text = storable(text)
        size = self.max_length or len(text)
        starts = range(0, len(text), size) if text.strip() else ()
        return [Part(text[start : start + size]) for start in starts]

    def admit(self, agent: Agent, row: Item, event: Event) -> Verdict | None:
        """The gate's verdict on a message that it admits; None if it was refused."""
        verdict = admit(agent, event, verified=self.verified)
        if verdict.admitted:
            return verdict
        self.refuse(row, verdict)
        return None

    def is_answered(self, agent: Agent, row: Item, event: Event, verdict: Verdict) -> bool:
        """Whether the message already has an answer, for example because both were imported."""
        is_known = verdict.outcome is not None and verdict.outcome.status != "recorded"
        if not (is_known and find_answers(agent, event)):
            return False
        self.outbox.close(key_of(row))
        return True

    def ask(self, agent: Agent, row: Item, event: Event, text: str = "") -> Question | None:
        """The question for an admitted message; `text` as in `question_of`."""
        backend = Backend.objects.filter(agent=agent).first()
        if backend is None:
            unavailable = phrase("unavailable", self.language_of(agent, row))
            self.say(row, unavailable, Answer(error=NO_BACKEND))
            return None
        return question_of(agent, event, backend, verified=self.verified, text=text)

    def refuse(self, row: Item, verdict: Verdict) -> None:
        if self._refusals.may_be_sent(row.end_user_id, verdict.reason):
            self.say(row, verdict.text)
        else:
            self.outbox.close(key_of(row))

    def say(self, row: Item, text: str, answer: Answer | None = None) -> None:
        """Save a text of the channel itself, to be sent."""
        self.outbox.save_reply(key_of(row), Reply(self.plain(text), answer))
