"""The gate: may this message come in? Admission and recording are one transaction.

It checks in this order: erased; agent archived or paused; access; block; limits. A message that was
recorded before is admitted again. Limits count in the windows of the message's own time; everything
else is checked as of now.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.core.sql import bulk
from frontdesk.core.sql.retries import with_retries
from frontdesk.gate import access, blocks, identities, refusals, texts
from frontdesk.gate.identities import Identity, LinkedIdentities
from frontdesk.gate.limit_status import LimitUse, Measured, longest_used_up, measure
from frontdesk.gate.models import FOREVER, Reservation
from frontdesk.gate.session_starts import session_of, starts_session
from frontdesk.gate.windows import Windows
from frontdesk.ledger import events, tombstones, users
from frontdesk.ledger.events import Event, EventError, Outcome
from frontdesk.ledger.models import Message
from frontdesk.ledger.record import record

RESERVED_FOR = dt.timedelta(minutes=10)
"""How long a reservation lasts if its message is not reported."""

_UNMEASURED = Measured([], [])
_NO_MESSAGE_ID = "messageId is missing: a reservation is made for a message id"


@dataclass(frozen=True)
class Verdict:
    """The gate's answer to a message.

    A refused message has a reason (a code, see docs/architecture.md), the text to show in the
    person's language and, if there is one, the time from which a retry may succeed. `limit` is the
    limit that refuses it. `limits` are all limits that apply, without this message; they are empty
    where they were not needed. `outcome` is the result of recording an admitted message.
    """

    admitted: bool
    reason: str = ""
    text: str = ""
    retry_at: dt.datetime | None = None
    limit: LimitUse | None = None
    limits: Sequence[LimitUse] = ()
    outcome: Outcome | None = None


def admit(agent: Agent, event: Event, verified: bool = False) -> Verdict:
    """Admit a user's message and record it, or refuse it and count the refusal.

    `verified`: the caller vouches for the identity and its e-mail address. A repeat of an admitted
    message is admitted and changes nothing; a repeat of a refused one is not counted again.
    Raises EventError for an event that cannot be recorded, and the errors of `record`.
    """
    return with_retries(_admit)(AdmissionRequest.of(agent, event, verified))


def check(agent: Agent, event: Event, verified: bool = False, reserve: bool = False) -> Verdict:
    """What `admit` would answer, without recording; for agents that answer elsewhere.

    A refusal is counted if the event has a message id. `reserve` reserves one message in the limits
    for this message id, until it is reported or ten minutes have passed; a repeated request is the
    same reservation. Raises EventError as `admit` does, and for a reservation without a message id.
    """
    has_id = event.message_id is not None
    if reserve and not has_id:
        raise EventError(_NO_MESSAGE_ID)
    if not has_id:
        event = msgspec.structs.replace(event, message_id=uuid.uuid4().hex)
    request = AdmissionRequest.of(agent, event, verified)
    if not reserve:
        found = identities.read([request.user_id], request.now)
        linked = found.get(request.user_id) or [Identity(*request.identity)]
        decision = _decide(request, linked)
        if decision.verdict.admitted or not has_id:
            return decision.verdict
    # Decided again under the lock, so that no refusal is left of a user erased in the meantime.
    return with_retries(_check)(request, reserve)


@dataclass(frozen=True)
class AdmissionRequest:
    """A message at the gate."""

    agent_id: uuid.UUID
    event: Event
    verified: bool
    user_id: uuid.UUID
    message_id: uuid.UUID
    now: dt.datetime

    @classmethod
    def of(cls, agent: Agent, event: Event, verified: bool) -> "AdmissionRequest":
        if event.role != "user":
            raise EventError("role: only a user's message asks to be admitted")
        now = timezone.now()
        events.check(event, now)
        user_id = events.user_id(agent.id, event.platform, event.external_id)
        message_id = uuid.UUID(events.message_key(user_id, event))
        return cls(agent.id, event, verified, user_id, message_id, now)

    @property
    def identity(self) -> users.Identity:
        return self.user_id, self.event.platform, self.event.external_id


@dataclass(frozen=True)
class Denial:
    """Why a message is refused; `text` is the block's own text, if it has one."""

    reason: str
    retry_at: dt.datetime | None = None
    limit: LimitUse | None = None
    text: str = ""


@dataclass(frozen=True)
class Decision:
    """A verdict, and the state that it is based on."""

    agent: Agent
    verdict: Verdict
    measured: Measured


def _admit(request: AdmissionRequest) -> Verdict:
    linked, user = identities.lock(request.agent_id, request.identity, request.now)
    decision = _decide(request, linked)
    if not decision.verdict.admitted:
        _count_refusal(request, decision, user)
        identities.forget(user)
        return decision.verdict
    (outcome,) = record(decision.agent, [request.event])
    if outcome.status == "rejected":
        raise EventError(outcome.reason or "")
    return replace(decision.verdict, outcome=outcome)


def _check(request: AdmissionRequest, reserve: bool) -> Verdict:
    linked, user = identities.lock(request.agent_id, request.identity, request.now)
    decision = _decide(request, linked)
    if not decision.verdict.admitted:
        _count_refusal(request, decision, user)
    elif reserve:
        _reserve(request, decision)
    identities.forget(user)
    return decision.verdict


def _count_refusal(request: AdmissionRequest, decision: Decision, user: users.UserState) -> None:
    reason = decision.verdict.reason
    refusals.count(decision.agent, user, request.message_id, reason, request.now)


def _reserve(request: AdmissionRequest, decision: Decision) -> None:
    agent, measured = decision.agent, decision.measured
    by_session = any(limit.kind.quantity.per_session for limit in measured.limits)
    values = {
        "agent_id": request.agent_id,
        "reserved_at": request.event.time,
        "position": events.position_of(request.event),
        "new_session": request.event.new_session,
        "expires_at": request.now + RESERVED_FOR,
        "starts_session": by_session and _starts_session(agent, request, measured),
        "session": session_of(request.user_id, request.event),
    }
    row = (request.user_id, request.message_id, *values.values())
    bulk.upsert(Reservation, ["end_user_id", "id"], list(values), [row])


def _decide(request: AdmissionRequest, linked: LinkedIdentities) -> Decision:
    """The verdict on a message of these linked identities, in the current state."""
    # Read again: the channel may have had the agent in memory since before it was paused.
    agent = Agent.objects.get(id=request.agent_id)
    event = request.event
    measured = _UNMEASURED
    denial: Denial | None
    if tombstones.refusal(agent, event.platform, event.external_id, event.time):
        denial = Denial("erased")
    elif Message.objects.filter(end_user_id=request.user_id, id=request.message_id).exists():
        denial = None
    else:
        denial = _access_denial(agent, request, linked)
        if denial is None:
            windows = Windows.of(event.time, agent.zone)
            measured = measure(agent, linked, windows, request.now, excluding=request.message_id)
            denial = _limit_denial(agent, request, measured)
    if denial is None:
        return Decision(agent, Verdict(True, limits=measured.limits), measured)
    text = _text_of(denial, agent, request, linked)
    verdict = Verdict(False, denial.reason, text, denial.retry_at, denial.limit, measured.limits)
    return Decision(agent, verdict, measured)


def _access_denial(
    agent: Agent, request: AdmissionRequest, linked: LinkedIdentities
) -> Denial | None:
    """Check the agent's access, then blocks."""
    reason = access.refusal(agent, linked, request.event, request.verified)
    if reason is not None:
        return Denial(reason)
    block = blocks.decisive(each.block for each in linked if each.block is not None)
    if block is None:
        return None
    return Denial("blocked", block.until if block.until < FOREVER else None, text=block.text)


def _limit_denial(agent: Agent, request: AdmissionRequest, measured: Measured) -> Denial | None:
    # Limits on the message itself come first: no retry can succeed.
    for limit in measured.limits:
        size_of = limit.kind.quantity.size if limit.kind.window == "message" else None
        if size_of is not None and limit.value is not None:
            size = size_of(request.event.text)
            if size > limit.value:
                return Denial(limit.key, limit=replace(limit, used=size))
    used_up = [limit for limit in measured.limits if limit.is_used_up]
    by_session = [limit for limit in used_up if limit.kind.quantity.per_session]
    if by_session and not _starts_session(agent, request, measured):
        used_up = [limit for limit in used_up if limit not in by_session]
    longest = longest_used_up(used_up)
    if longest is None:
        return None
    # With a limit of 0 the next window allows nothing either.
    return Denial(longest.key, longest.resets_at if longest.value else None, longest)


def _starts_session(agent: Agent, request: AdmissionRequest, measured: Measured) -> bool:
    timeout = dt.timedelta(seconds=agent.session_timeout)
    return starts_session(request.user_id, request.event, timeout, measured.reservations)


def _text_of(
    denial: Denial, agent: Agent, request: AdmissionRequest, linked: LinkedIdentities
) -> str:
    """The text that is shown to the person."""
    language = request.event.language or linked[0].language or agent.language
    limit = texts.allowed(denial.limit.rule) if denial.limit else ""
    retry, now = denial.retry_at, request.now
    if denial.text:
        return texts.fill(agent, denial.text, language, retry=retry, limit=limit, now=now)
    occasion = texts.occasion_of(denial.reason)
    return texts.text_for(agent, occasion, language, retry=retry, limit=limit, now=now)
