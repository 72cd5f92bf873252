"""Which limits apply to a user: each kind from the most specific scope that sets it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from frontdesk.agents.limits import LIMITS, LimitKind
from frontdesk.agents.models import Agent
from frontdesk.gate.identities import Identity

Source = Literal["user", "plan", "agent"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit that applies. `value` is the maximum; None: there is no limit.

    `plan` is the name of the plan that sets it, or empty.
    """

    key: str
    value: int | None
    source: Source
    plan: str = ""

    @property
    def kind(self) -> LimitKind:
        return LIMITS[self.key]


def rules(agent: Agent, linked: Sequence[Identity]) -> list[Rule]:
    """The limits of linked identities, in the order of `LIMITS`. Unset limits are left out.

    Among linked identities, the smallest own limit applies, or else the most generous plan's.
    """
    found = (_rule(key, agent, linked) for key in LIMITS)
    return [rule for rule in found if rule is not None]


def _rule(key: str, agent: Agent, linked: Iterable[Identity]) -> Rule | None:
    own = [i.limits[key] for i in linked if key in i.limits]
    if own:
        return Rule(key, min(own, key=_generosity), "user")
    plans = [i.plan for i in linked if i.plan is not None and key in i.plan.limits]
    if plans:
        best = max(plans, key=lambda plan: _generosity(plan.limits[key]))
        return Rule(key, best.limits[key], "plan", best.name)
    if key in agent.limits:
        return Rule(key, agent.limits[key], "agent")
    return None


def _generosity(value: int | None) -> float:
    return math.inf if value is None else value
