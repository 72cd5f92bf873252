"""One question and its answer: what the backend is asked, and what the ledger records.

The steps are the same for every channel: `gate.admission.admit` admits and records the message,
`question_of` collects what the backend needs, `answering.answer` asks it, and `record_answer`
records the answer.
"""

import datetime as dt
import heapq
import logging
import uuid
from collections.abc import Collection, Iterator
from itertools import islice

import msgspec
from django.db.models import Q
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer, fit
from frontdesk.backends.models import Backend
from frontdesk.backends.question import (
    Asker,
    Question,
    Turn,
)
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import users
from frontdesk.ledger.events import (
    MAX_COST,
    MAX_TOKENS,
    Event,
    Outcome,
    message_key,
    number_of,
    position_of,
    user_id,
)
from frontdesk.ledger.models import EndUser, Message, Session
from frontdesk.ledger.order import NEWEST_FIRST, ORDER, Place
from frontdesk.ledger.record import record

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""How many answers one message can have, if all but the last fail."""
_LONGEST_MODEL = 200
"""As long as the ledger's column."""
_MOMENT = dt.timedelta(microseconds=1)
_SCANNED = 500
"""How many of a user's newest messages are searched for those of one chat."""


def key_of(agent: Agent, event: Event) -> uuid.UUID:
    """The ledger's id of this event's message."""
    return uuid.UUID(message_key(user_id(agent.id, event.platform, event.external_id), event))


def answer_id(message_id: str, attempt: int = 1) -> str:
    """The message id of the answer to a message. Each attempt after a failure has its own."""
    return f"{message_id}:answer" if attempt == 1 else f"{message_id}:answer:{attempt}"


def answer_key(user: uuid.UUID, event: Event, attempt: int) -> uuid.UUID:
    """The ledger's id of an answer to this event's message."""
    named = Event(
        platform=event.platform,
        external_id=event.external_id,
        role="agent",
        time=event.time,
        message_id=answer_id(event.message_id or "", attempt),
    )
    return uuid.UUID(message_key(user, named))


def find_answers(agent: Agent, event: Event) -> list[Message]:
    """The recorded answers to a message, in the order of the attempts."""
    user = user_id(agent.id, event.platform, event.external_id)
    ids = [answer_key(user, event, attempt) for attempt in range(1, MAX_ATTEMPTS + 1)]
    found = {m.id: m for m in Message.objects.filter(end_user_id=user, id__in=ids)}
    return [found[id_] for id_ in ids if id_ in found]


def question_of(
    agent: Agent,
    event: Event,
    backend: Backend,
    *,
    verified: bool,
    text: str = "",
    dialogue: Collection[uuid.UUID] = (),
) -> Question:
    """The question to the backend for an admitted and recorded message.

    `text` is what the backend reads, if that differs from what the person wrote. `dialogue` are
    the users as whom the person wrote in this dialogue, if that is not the author alone.
    """
    id_ = user_id(agent.id, event.platform, event.external_id)
    user = EndUser.objects.get(id=id_)
    asker = Asker(
        id=id_,
        platform=user.platform,
        external_id=user.external_id,
        name=user.name,
        username=user.username,
        email=user.email,
        language=event.language or user.language,
        plan=user.subscription or "",
        tags=user.all_tags,
        attributes={**user.attributes, **user.assigned_attributes},
        verified=verified,
    )
    return Question(
        agent=agent,
        backend=backend,
        asker=asker,
        session=_session_of(id_, event),
        message_id=event.message_id or "",
        text=text or event.text,
        time=event.time,
        history=_history(agent, event, {id_, *dialogue}, backend.history_length),
    )


def _session_of(user: uuid.UUID, event: Event) -> str:
    sessions = Session.objects.filter(end_user_id=user, external_id="", chat=event.chat)
    at = sessions.filter(first_at__lte=event.time, last_at__gte=event.time).exclude(
        first_at=event.time, first_position__gt=position_of(event)
    )
    found = at.order_by("-first_at", "-first_position").values_list("id", flat=True).first()
    return str(found or user)


def _history(
    agent: Agent, event: Event, dialogue: Collection[uuid.UUID], length: int
) -> list[Turn]:
    """The last messages before this one, back to where the person started a new conversation.

    It goes beyond the session's start, because the person sees those messages on the page too.
    """
    if event.new_session or not length:
        return []
    turns: list[Turn] = []
    for message in _earlier(agent, event, dialogue, min(3 * length, _SCANNED)):
        is_turn = message.role in ("user", "agent") and message.text and not message.failed
        if is_turn and len(turns) < length:
            is_user = message.role == "user"
            turns.append(Turn("user" if is_user else "agent", message.text, message.sent_at))
        if message.new_session or len(turns) >= length:
            break
    return turns[::-1]


def _earlier(
    agent: Agent, event: Event, dialogue: Collection[uuid.UUID], usual: int
) -> Iterator[Message]:
    """The messages of the chat before this one, newest first; `usual` of them are usually enough.

    They include an answer to an earlier message, even if it came after this one was written.
    """
    key = key_of(agent, event)
    own = Place(event.time, position_of(event), key)
    next_ = _next_question(dialogue, event, own)
    before = next_.before() if next_ else Q()
    columns = (*ORDER, "role", "text", "new_session", "failed", "chat", "session_id")
    # Those of each user, by its index, in one order.
    each = [
        Message.objects.filter(before, end_user_id=id_).order_by(*NEWEST_FIRST).only(*columns)
        for id_ in dialogue
    ]
    for start, end in ((0, usual), (usual, _SCANNED)):
        merged = heapq.merge(*(rows[:end] for rows in each), key=_place, reverse=True)
        found = list(islice(merged, start, end))
        for message in found:
            if message.chat == event.chat and not message.session_id and message.id != key:
                yield message
        if len(found) < end - start:
            return


def _next_question(dialogue: Collection[uuid.UUID], event: Event, own: Place) -> Place | None:
    """The first message after `own` that asks something else, or begins another dialogue."""
    later = Message.objects.filter(own.after(), chat=event.chat, session_id="")
    asking = later.filter(Q(role="user") | Q(new_session=True)).order_by(*ORDER)
    found = (asking.filter(end_user_id=id_).values_list(*ORDER).first() for id_ in dialogue)
    return min((Place(*place) for place in found if place), default=None)


def _place(message: Message) -> Place:
    return Place(message.sent_at, message.position, message.id)


def answer_event(
    event: Event, answer: Answer, attempt: int = 1, at: dt.datetime | None = None
) -> Event:
    """The event of the answer to a message, as the ledger records it."""
    usage = answer.usage
    input_tokens = _plausible(usage.input_tokens, MAX_TOKENS)
    return Event(
        platform=event.platform,
        external_id=event.external_id,
        role="agent",
        time=max(at or timezone.now(), event.time),
        message_id=answer_id(event.message_id or "", attempt),
        sequence=number_of(event),  # beside its question, where both have the same time
        chat=event.chat,
        session_id=event.session_id,
        text=fit(answer.text),
        model=usage.model[:_LONGEST_MODEL] or None,
        input_tokens=input_tokens,
        output_tokens=_plausible(usage.output_tokens, MAX_TOKENS),
        cached_tokens=_plausible(usage.cached_tokens, input_tokens or 0),
        cost=_plausible(usage.cost, MAX_COST),
        latency_ms=answer.latency_ms,
        failed=bool(answer.error),
        error=answer.error or None,
    )


def _plausible(claimed: int | None, maximum: int) -> int | None:
    """A backend's figure, or None if the ledger would reject it and the answer with it."""
    return claimed if claimed is not None and 0 <= claimed <= maximum else None


def record_answer(agent: Agent, event: Event, answer: Answer, attempt: int = 1) -> Outcome:
    """Record the answer to a message. Recording the same attempt again changes nothing."""
    return record_reply(agent, event, answer_event(event, answer, attempt))


def _within_dialogue(user: uuid.UUID, event: Event, at: dt.datetime) -> dt.datetime:
    """When the answer counts as sent: at the latest just before the next dialogue.

    An answer that is still written when the person starts a new conversation belongs to its
    question's: it is read there, its session lasts as long, and the new one does not hear of it.
    """
    if event.session_id is not None:
        return at
    question = Place(event.time, position_of(event), uuid.UUID(message_key(user, event)))
    starts = Message.objects.filter(
        question.after(), end_user_id=user, chat=event.chat, session_id="", new_session=True
    )
    start = starts.order_by(*ORDER).values_list("sent_at", flat=True).first()
    return at if start is None else max(event.time, min(at, start - _MOMENT))


def record_reply(agent: Agent, event: Event, reply: Event) -> Outcome:
    """Record the event of an answer, unless its message is gone.

    A person who was erased meanwhile must not be recorded again by it, even if they may return.
    """
    return with_retries(_record_reply)(agent, event, reply)


def _record_reply(agent: Agent, event: Event, reply: Event) -> Outcome:
    user, key = user_id(agent.id, event.platform, event.external_id), key_of(agent, event)
    users.lock_ids(agent.id, [user])
    if not Message.objects.filter(end_user_id=user, id=key).exists():
        return Outcome("rejected", "the message that it answers is gone")
    reply = msgspec.structs.replace(reply, time=_within_dialogue(user, event, reply.time))
    (outcome,) = record(agent, [reply])
    if outcome.status == "rejected":
        logger.warning("an answer of agent %s is not recorded: %s", agent.id, outcome.reason)
    return outcome
