"""A user's status now: whether they are blocked, how much of each limit is used and left.

What the profile page, `/usage` and the API show, and what the gate decides by.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from frontdesk.agents.limits import LimitKind
from frontdesk.agents.models import Agent
from frontdesk.gate import blocks, identities, usage
from frontdesk.gate.identities import Identity
from frontdesk.gate.limits import Rule, Source, rules
from frontdesk.gate.models import Block
from frontdesk.gate.usage import ActiveReservation
from frontdesk.gate.windows import Windows
from frontdesk.ledger.models import EndUser


@dataclass(frozen=True)
class LimitUse:
    """One limit that applies, and how much of it is used in the window of now.

    A limit on single messages is never used up and never resets. Costs are micro-dollars.
    """

    rule: Rule
    used: int
    resets_at: dt.datetime | None

    @property
    def key(self) -> str:
        return self.rule.key

    @property
    def kind(self) -> LimitKind:
        """Its title, definition and window."""
        return self.rule.kind

    @property
    def value(self) -> int | None:
        """The most that is allowed; None: there is no limit."""
        return self.rule.value

    @property
    def source(self) -> Source:
        """The scope that sets it."""
        return self.rule.source

    @property
    def plan(self) -> str:
        """The name of the plan that sets it, or empty."""
        return self.rule.plan

    @property
    def left(self) -> int | None:
        """How much is left, never below 0; None when there is no limit, or nothing to use up."""
        if self.value is None or not self.kind.is_used_up_by_messages:
            return None
        return max(0, self.value - self.used)

    @property
    def is_used_up(self) -> bool:
        return self.left == 0

    @property
    def percent(self) -> int | None:
        """How much is used, rounded down; a limit of 0 is used up."""
        if self.value is None or self.left is None:
            return None
        return self.used * 100 // self.value if self.value else 100


@dataclass(frozen=True)
class LimitStatus:
    """What applies to a user now: the block in force, if any, and every limit that is set."""

    block: Block | None
    limits: Sequence[LimitUse]

    @property
    def used_up(self) -> LimitUse | None:
        """The limit that stops the user for longest, if there is one."""
        return longest_used_up(self.limits)


def limit_status(agent: Agent, user: EndUser, now: dt.datetime | None = None) -> LimitStatus:
    """The status of the user, together with the identities that are linked with it."""
    now = now or timezone.now()
    linked = identities.read([user.id], now).get(user.id)
    alone = Identity(user.id, user.platform, user.external_id)  # erased in this moment
    measured = measure(agent, linked or [alone], Windows.of(now, agent.zone), now)
    return LimitStatus(blocks.current([user.id]).get(user.id), measured.limits)


@dataclass(frozen=True)
class Measured:
    """The limits of linked identities in some windows, and the reservations counted in them."""

    limits: list[LimitUse]
    reservations: list[ActiveReservation]


def measure(
    agent: Agent,
    linked: Sequence[Identity],
    windows: Windows,
    now: dt.datetime,
    besides: uuid.UUID | None = None,
) -> Measured:
    """How much is used of the limits; what is reserved for message `besides` is not counted."""
    applying = rules(agent, linked)
    keys = {rule.key for rule in applying}
    if not keys:
        return Measured([], [])
    ids = [identity.id for identity in linked]
    others = [r for r in usage.reservations(ids, keys, now) if r.message_id != besides]
    total = sum(usage.used(ids, keys, windows).values(), Counter[str]())
    total.update(usage.reserved(others, windows))
    return Measured([LimitUse(r, total[r.key], _end(r, windows)) for r in applying], others)


def longest_used_up(limits: Sequence[LimitUse]) -> LimitUse | None:
    """Of the limits that are used up, the one that resets last: no retry succeeds before."""
    over = [(limit.resets_at, limit) for limit in limits if limit.is_used_up and limit.resets_at]
    return max(over, key=lambda pair: pair[0])[1] if over else None


def _end(rule: Rule, windows: Windows) -> dt.datetime | None:
    bounds = windows.bounds(rule.kind.window)
    return bounds[1] if bounds else None
