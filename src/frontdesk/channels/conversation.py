"""One question and its answer: what the backend is told, and what the ledger keeps.

The walk is the same for every channel: `gate.admission.admit` lets the message in and records it,
`question_of` tells the backend what it needs, `answer` has it answer, `record_answer` keeps that.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer
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
    user_id,
)
from frontdesk.ledger.models import EndUser, Message, Session
from frontdesk.ledger.record import record

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""How often one message is answered anew after answers that failed."""
_LONGEST_MODEL = 200
"""The ledger's column."""
_SCANNED = 500
"""The newest messages of a user among which those of one chat are looked for."""


def key_of(agent: Agent, event: Event) -> uuid.UUID:
    """The ledger's id of this event's message."""
    return uuid.UUID(message_key(user_id(agent.id, event.platform, event.external_id), event))


def answer_id(message_id: str, attempt: int = 1) -> str:
    """The message id of the answer to a message; each attempt after a failure has its own."""
    return f"{message_id}:answer" if attempt == 1 else f"{message_id}:answer:{attempt}"


def find_answers(agent: Agent, event: Event) -> list[Message]:
    """The answers to a message that are recorded, in the order of the attempts."""
    user = user_id(agent.id, event.platform, event.external_id)
    ids = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        named = Event(
            platform=event.platform,
            external_id=event.external_id,
            role="agent",
            time=event.time,
            message_id=answer_id(event.message_id or "", attempt),
        )
        ids.append(uuid.UUID(message_key(user, named)))
    found = {m.id: m for m in Message.objects.filter(end_user_id=user, id__in=ids)}
    return [found[id_] for id_ in ids if id_ in found]


def question_of(
    agent: Agent, event: Event, backend: Backend, *, verified: bool, text: str = ""
) -> Question:
    """The question to the backend that an admitted and recorded message is.

    `text` is what the backend reads, where that is not what the person wrote.
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
        history=_history(agent, event, backend.history_length),
    )


def _session_of(user: uuid.UUID, event: Event) -> str:
    sessions = Session.objects.filter(end_user_id=user, external_id="", chat=event.chat)
    at = sessions.filter(first_at__lte=event.time, last_at__gte=event.time)
    found = at.order_by("-first_at").values_list("id", flat=True).first()
    return str(found or user)


def _history(agent: Agent, event: Event, length: int) -> list[Turn]:
    """The last messages before this one, back to where a new dialogue was asked for.

    Not back to the session's begin only: what the person sees on the page is what was said.
    """
    if event.new_session or not length:
        return []
    turns: list[Turn] = []
    for message in _earlier(agent, event, min(3 * length, _SCANNED)):
        is_told = message.role in ("user", "agent") and message.text and not message.failed
        if is_told and len(turns) < length:
            is_user = message.role == "user"
            turns.append(Turn("user" if is_user else "agent", message.text, message.sent_at))
        if message.new_session or len(turns) >= length:
            break
    return turns[::-1]


def _earlier(agent: Agent, event: Event, mostly: int) -> Iterator[Message]:
    """The messages of the chat before this one, the newest first; `mostly` so many are enough.

    An answer to an earlier message is among them although it came after this one was written.
    """
    id_ = user_id(agent.id, event.platform, event.external_id)
    key = key_of(agent, event)
    written = Message.objects.filter(end_user_id=id_)
    later = written.filter(sent_at__gt=event.time, chat=event.chat, session_id="")
    next_ = later.filter(Q(role="user") | Q(new_session=True)).order_by("sent_at")
    until = next_.values_list("sent_at", flat=True).first()
    rows = written.filter(sent_at__lt=until) if until else written
    columns = ("id", "role", "text", "sent_at", "new_session", "failed", "chat", "session_id")
    rows = rows.order_by("-sent_at", "-id").only(*columns)
    for begin, end in ((0, mostly), (mostly, _SCANNED)):
        for message in rows[begin:end]:
            if message.chat == event.chat and not message.session_id and message.id != key:
                yield message


def answer_event(
    event: Event, given: Answer, attempt: int = 1, at: dt.datetime | None = None
) -> Event:
    """The event of the answer to a message, as the ledger keeps it."""
    usage = given.usage
    read = _plausible(usage.input_tokens, MAX_TOKENS)
    return Event(
        platform=event.platform,
        external_id=event.external_id,
        role="agent",
        time=max(at or timezone.now(), event.time),
        message_id=answer_id(event.message_id or "", attempt),
        chat=event.chat,
        session_id=event.session_id,
        text=given.text,
        model=usage.model[:_LONGEST_MODEL] or None,
        input_tokens=read,
        output_tokens=_plausible(usage.output_tokens, MAX_TOKENS),
        cached_tokens=_plausible(usage.cached_tokens, read or 0),
        cost=_plausible(usage.cost, MAX_COST),
        latency_ms=given.latency_ms,
        failed=bool(given.error),
        error=given.error or None,
    )


def _plausible(claimed: int | None, most: int) -> int | None:
    """What a backend claims, or nothing where the ledger would refuse it, and the answer too."""
    return claimed if claimed is not None and 0 <= claimed <= most else None


def record_answer(agent: Agent, event: Event, given: Answer, attempt: int = 1) -> Outcome:
    """Keep the answer to a message; the same attempt again changes nothing."""
    return record_beside(agent, event, answer_event(event, given, attempt))


def record_beside(agent: Agent, event: Event, answered: Event) -> Outcome:
    """Record the event of an answer, unless its message is gone.

    A person who was erased meanwhile must not come back by it, even one who may return.
    """
    return with_retries(_record_beside)(agent, event, answered)


def _record_beside(agent: Agent, event: Event, answered: Event) -> Outcome:
    user, key = user_id(agent.id, event.platform, event.external_id), key_of(agent, event)
    users.lock_ids(agent.id, [user])
    if not Message.objects.filter(end_user_id=user, id=key).exists():
        return Outcome("rejected", "the message that it answers is gone")
    (outcome,) = record(agent, [answered])
    if outcome.status == "rejected":
        logger.warning("an answer of agent %s is not kept: %s", agent.id, outcome.reason)
    return outcome
