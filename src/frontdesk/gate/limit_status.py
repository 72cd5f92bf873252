"""A user's current status: whether they are blocked, and how much of each limit is used and left.

The profile page, `/usage` and the API show it, and the gate decides by it.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """One limit that applies, and how much of it is used in its window.

    A limit on single messages is never used up and never resets. Costs are micro-dollars.
    """

    rule: Rule
    used: int
    resets_at: dt.datetime | None
    unknown: int = 0
    """Messages in the window that are not counted, because their cost is unknown. Only
    `limit_status` asks for them: the gate does not decide by them."""

    @property
    def unknown_in_words(self) -> str:
        return self.kind.quantity.write_unknown(self.unknown)

    @property
    def key(self) -> str:
        return self.rule.key

    @property
    def kind(self) -> LimitKind:
        """Its title, definition and window."""
        return self.rule.kind

    @property
    def value(self) -> int | None:
        """The maximum; None: there is no limit."""
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
        """How much is left, at least 0. None without a limit, or if it cannot be used up."""
        if self.value is None or not self.kind.is_used_up_by_messages:
            return None
        return max(0, self.value - self.used)

    @property
    def is_used_up(self) -> bool:
        return self.left == 0

    @property
    def percent(self) -> int | None:
        """How much is used, rounded down; a limit of 0 counts as used up."""
        if self.value is None or self.left is None:
            return None
        return self.used * 100 // self.value if self.value else 100


@dataclass(frozen=True)
class LimitStatus:
    """The block in force, if any, and every limit that applies to a user."""

    block: Block | None
    limits: Sequence[LimitUse]

    @property
    def used_up(self) -> LimitUse | None:
        """The used-up limit that resets last, if there is one."""
        return longest_used_up(self.limits)


def limit_status(agent: Agent, user: EndUser, now: dt.datetime | None = None) -> LimitStatus:
    """The status of the user together with all linked identities."""
    now = now or timezone.now()
    linked = identities.read([user.id], now).get(user.id)
    linked = linked or [Identity(user.id, user.platform, user.external_id)]  # erased just now
    windows = Windows.of(now, agent.zone)
    measured = measure(agent, linked, windows, now)
    ids, keys = [identity.id for identity in linked], [limit.key for limit in measured.limits]
    unknown = usage.unknown(ids, keys, windows)
    limits = [replace(limit, unknown=unknown[limit.key]) for limit in measured.limits]
    return LimitStatus(blocks.current([user.id]).get(user.id), limits)


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
    excluding: uuid.UUID | None = None,
) -> Measured:
    """How much of the limits is used, without the reservation of the message `excluding`."""
    applying = rules(agent, linked)
    keys = {rule.key for rule in applying}
    if not keys:
        return Measured([], [])
    ids = [identity.id for identity in linked]
    others = [r for r in usage.reservations(ids, keys, now) if r.message_id != excluding]
    total = sum(usage.used(ids, keys, windows).values(), Counter[str]())
    total.update(usage.reserved(others, windows))
    return Measured([LimitUse(r, total[r.key], _end(r, windows)) for r in applying], others)


def longest_used_up(limits: Sequence[LimitUse]) -> LimitUse | None:
    """Of the used-up limits, the one that resets last: no retry can succeed before."""
    over = [(limit.resets_at, limit) for limit in limits if limit.is_used_up and limit.resets_at]
    return max(over, key=lambda pair: pair[0])[1] if over else None


def _end(rule: Rule, windows: Windows) -> dt.datetime | None:
    bounds = windows.bounds(rule.kind.window)
    return bounds[1] if bounds else None
