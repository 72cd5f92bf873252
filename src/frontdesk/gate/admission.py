"""The gate: may this message come in? Its admission and its recording are one transaction.

In this order: erased; agent archived or paused; access; block; limits. A message that is recorded
already is admitted again. Limits count in the windows of the message's own time; all else is as it
is now.
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
from frontdesk.gate import access, identities, refusals, texts
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
"""How long `check` keeps a place for a message that has not been reported."""

_UNMEASURED = Measured([], [])
_NAMELESS = "messageId is missing: a place is reserved for a message of this id"


@dataclass(frozen=True)
class Verdict:
    """What the gate says to a message.

    Refused, it has a reason (a code: see docs/architecture.md), the text to show, in the person's
    language, and the time from which on retrying may help, if there is one. `limit` is the one that
    stands in the way. `limits` are all that apply, without this message; they are empty where they
    did not matter. `outcome` is what became of an admitted message that was to be recorded.
    """

    admitted: bool
    reason: str = ""
    text: str = ""
    retry_at: dt.datetime | None = None
    limit: LimitUse | None = None
    limits: Sequence[LimitUse] = ()
    outcome: Outcome | None = None


def admit(agent: Agent, event: Event, verified: bool = False) -> Verdict:
    """Let a user's message in, and record it, or refuse it, and count that.

    `verified`: the caller vouches for the identity and its e-mail address. The same message again
    gets in again and changes nothing; refused again, it is not counted again.
    Raises EventError for an event that cannot be recorded, and what `record` raises.
    """
    return with_retries(_admit)(AdmissionRequest.of(agent, event, verified))


def check(agent: Agent, event: Event, verified: bool = False, reserve: bool = False) -> Verdict:
    """What `admit` would say, without recording; for agents that answer elsewhere.

    A refusal is counted when the event has a message id; without one it was only a question.
    `reserve` keeps a place in the limits for this message id, until it is reported or ten minutes
    are over; asked again, it is the same place. Raises EventError as `admit` does, and for a
    reservation without a message id.
    """
    is_named = event.message_id is not None
    if reserve and not is_named:
        raise EventError(_NAMELESS)
    if not is_named:
        event = msgspec.structs.replace(event, message_id=uuid.uuid4().hex)
    asked = AdmissionRequest.of(agent, event, verified)
    if not reserve:
        found = identities.read([asked.user_id], asked.now)
        judged = _judge(asked, found.get(asked.user_id) or [Identity(*asked.identity)])
        if judged.verdict.admitted or not is_named:
            return judged.verdict
    # Under the lock, and judged there: who is erased meanwhile must not leave a refusal behind.
    return with_retries(_settle)(asked, reserve)


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
    """Why a message is refused; `text` is the block's own, if it has one."""

    reason: str
    retry_at: dt.datetime | None = None
    limit: LimitUse | None = None
    text: str = ""


@dataclass(frozen=True)
class Decision:
    """A verdict, with what it came from."""

    agent: Agent
    verdict: Verdict
    measured: Measured


def _admit(asked: AdmissionRequest) -> Verdict:
    human, user = identities.lock(asked.agent_id, asked.identity, asked.now)
    judged = _judge(asked, human)
    if not judged.verdict.admitted:
        refusals.count(judged.agent, user, asked.message_id, judged.verdict.reason, asked.now)
        identities.forget(user)
        return judged.verdict
    (outcome,) = record(judged.agent, [asked.event])
    if outcome.status == "rejected":
        raise EventError(outcome.reason or "")
    return replace(judged.verdict, outcome=outcome)


def _settle(asked: AdmissionRequest, reserve: bool) -> Verdict:
    human, user = identities.lock(asked.agent_id, asked.identity, asked.now)
    judged = _judge(asked, human)
    if not judged.verdict.admitted:
        refusals.count(judged.agent, user, asked.message_id, judged.verdict.reason, asked.now)
    elif reserve:
        _reserve(asked, judged)
    identities.forget(user)
    return judged.verdict


def _reserve(asked: AdmissionRequest, judged: Decision) -> None:
    limits_sessions = any(limit.kind.counts == "sessions" for limit in judged.measured.limits)
    values = {
        "agent_id": asked.agent_id,
        "reserved_at": asked.event.time,
        "expires_at": asked.now + RESERVED_FOR,
        "starts_session": limits_sessions and _starts_session(judged.agent, asked, judged.measured),
        "session": session_of(asked.user_id, asked.event),
    }
    row = (asked.user_id, asked.message_id, *values.values())
    bulk.upsert(Reservation, ["end_user_id", "id"], list(values), [row])


def _judge(asked: AdmissionRequest, human: LinkedIdentities) -> Decision:
    """The verdict on a message from this human, as all is now."""
    # Read anew: a channel may have kept the agent in memory since before it was paused.
    agent = Agent.objects.get(id=asked.agent_id)
    event = asked.event
    measured = _UNMEASURED
    if tombstones.refusal(agent, event.platform, event.external_id, event.time):
        grounds: Denial | None = Denial("erased")
    elif Message.objects.filter(end_user_id=asked.user_id, id=asked.message_id).exists():
        grounds = None
    else:
        grounds = _unwelcome(agent, asked, human)
        if grounds is None:
            windows = Windows.of(event.time, agent.zone)
            measured = measure(agent, human, windows, asked.now, besides=asked.message_id)
            grounds = _over_limit(agent, asked, measured)
    if grounds is None:
        return Decision(agent, Verdict(True, limits=measured.limits), measured)
    text = _told(agent, asked, human, grounds)
    verdict = Verdict(False, grounds.reason, text, grounds.retry_at, grounds.limit, measured.limits)
    return Decision(agent, verdict, measured)


def _unwelcome(agent: Agent, asked: AdmissionRequest, human: LinkedIdentities) -> Denial | None:
    """Access, then block."""
    reason = access.refusal(agent, human, asked.event, asked.verified)
    if reason is not None:
        return Denial(reason)
    blocks = [identity.block for identity in human if identity.block is not None]
    if not blocks:
        return None
    block = max(blocks, key=lambda block: block.until)
    return Denial("blocked", block.until if block.until < FOREVER else None, text=block.text)


def _over_limit(agent: Agent, asked: AdmissionRequest, measured: Measured) -> Denial | None:
    """The limit in the way, if there is one."""
    length = len(asked.event.text)
    for limit in measured.limits:  # first what waiting would not help
        if limit.kind.counts == "length" and limit.value is not None and length > limit.value:
            return Denial(limit.key, limit=replace(limit, used=length))
    used_up = [limit for limit in measured.limits if limit.is_used_up]
    if any(limit.kind.counts == "sessions" for limit in used_up) and not _starts_session(
        agent, asked, measured
    ):
        used_up = [limit for limit in used_up if limit.kind.counts != "sessions"]
    longest = longest_used_up(used_up)
    if longest is None:
        return None
    # Of a limit of 0 the next window brings nothing.
    return Denial(longest.key, longest.resets_at if longest.value else None, longest)


def _starts_session(agent: Agent, asked: AdmissionRequest, measured: Measured) -> bool:
    timeout = dt.timedelta(seconds=agent.session_timeout)
    return starts_session(asked.user_id, asked.event, timeout, measured.places)


def _told(agent: Agent, asked: AdmissionRequest, human: LinkedIdentities, grounds: Denial) -> str:
    """The text that the person is shown."""
    language = asked.event.language or human[0].language or agent.language
    limit = texts.allowed(grounds.limit.rule) if grounds.limit else ""
    retry, now = grounds.retry_at, asked.now
    if grounds.text:
        return texts.fill(agent, grounds.text, language, retry=retry, limit=limit, now=now)
    occasion = texts.occasion_of(grounds.reason)
    return texts.text_for(agent, occasion, language, retry=retry, limit=limit, now=now)
