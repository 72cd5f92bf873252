"""Whose numbers are meant: of one agent or several, on all platforms or one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Q

from frontdesk.agents.models import Agent
from frontdesk.analytics.query import Period

_T = TypeVar("_T")


@dataclass(frozen=True)
class Scope:
    """Agents, and a platform (empty: all). Rollups of several are added: who writes to two agents
    counts twice.

    A scope is made for one page, whose blocks share what `once` has read.
    """

    agents: Sequence[Agent]
    platform: str = ""
    _read: dict[type, tuple[Period, Any]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def rows(self) -> Q:
        """The rows of a rollup that are meant."""
        ids = [agent.id for agent in self.agents]
        of_agents = Q(agent_id=ids[0]) if len(ids) == 1 else Q(agent_id__in=ids)
        return of_agents & Q(platform=self.platform) if self.platform else of_agents

    def once(self, kind: type[_T], period: Period, read: Callable[["Scope", Period], _T]) -> _T:
        """What `read` tells of the period, or of more: read before, if that covers it."""
        known = self._read.get(kind)
        if known is None or period.first < known[0].first or known[0].last < period.last:
            known = self._read[kind] = (period, read(self, period))
        found: _T = known[1]
        return found
