"""Where a user stands now: whether blocked, and how much of each limit is used and left.

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
from frontdesk.gate.usage import Place
from frontdesk.gate.windows import Windows
from frontdesk.ledger.models import EndUser


@dataclass(frozen=True)
class LimitUse:
    """One limit that applies, and how much of it is used in the window of now.

    Of `longest_message` nothing is used and it never resets. Costs are micro-dollars.
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
        if self.value is None or self.kind.counts == "length":
            return None
        return max(0, self.value - self.used)

    @property
    def is_used_up(self) -> bool:
        return self.left == 0

    @property
    def percent(self) -> int | None:
        """How much is used, of a hundred; rounded down. Of a limit of 0 all is."""
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
        """The limit that keeps the user from writing for longest, if there is one."""
        return longest_used_up(self.limits)


def limit_status(agent: Agent, user: EndUser, now: dt.datetime | None = None) -> LimitStatus:
    """Where the user stands, together with the identities that are linked with it."""
    now = now or timezone.now()
    human = identities.read([user.id], now).get(user.id)
    alone = Identity(user.id, user.platform, user.external_id)  # gone in this moment
    measured = measure(agent, human or [alone], Windows.of(now, agent.zone), now)
    return LimitStatus(blocks.current([user.id]).get(user.id), measured.limits)


@dataclass(frozen=True)
class Measured:
    """The limits of a human in some windows, and the places kept that are counted in them."""

    limits: list[LimitUse]
    places: list[Place]


def measure(
    agent: Agent,
    human: Sequence[Identity],
    windows: Windows,
    now: dt.datetime,
    besides: uuid.UUID | None = None,
) -> Measured:
    """How much is used of the human's limits; the place kept for message `besides` is not."""
    applying = rules(agent, human)
    keys = {rule.key for rule in applying}
    if not keys:
        return Measured([LimitUse(r, 0, _end(r, windows)) for r in applying], [])
    ids = [identity.id for identity in human]
    kept = [place for place in usage.places(ids, keys, now) if place.message_id != besides]
    total = sum(usage.used(ids, keys, windows).values(), Counter[str]())
    total.update(usage.reserved(kept, windows))
    return Measured([LimitUse(r, total[r.key], _end(r, windows)) for r in applying], kept)


def longest_used_up(limits: Sequence[LimitUse]) -> LimitUse | None:
    """Of the limits that are used up the one that resets last: until then retrying is in vain."""
    over = [(limit.resets_at, limit) for limit in limits if limit.is_used_up and limit.resets_at]
    return max(over, key=lambda pair: pair[0])[1] if over else None


def _end(rule: Rule, windows: Windows) -> dt.datetime | None:
    bounds = windows.bounds(rule.kind.window)
    return bounds[1] if bounds else None
