"""What is counted: one agent or several, on all platforms or on one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Q

from frontdesk.agents.models import Agent
from frontdesk.analytics.query import Period

_T = TypeVar("_T")


@dataclass(frozen=True)
class Scope:
    """Agents, and a platform (empty: all). Rollups of several agents are added up: users who write
    to two agents count twice.

    A scope is made for one page. The page's blocks share what `once` has read.
    """

    agents: Sequence[Agent]
    platform: str = ""
    users_page: str = ""
    """The address of the page that lists the agent's users. Empty: numbers are not linked."""
    _read: dict[type, tuple[Period, Any]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def rows(self) -> Q:
        """The condition on the rows of a rollup."""
        ids = [agent.id for agent in self.agents]
        of_agents = Q(agent_id=ids[0]) if len(ids) == 1 else Q(agent_id__in=ids)
        return of_agents & Q(platform=self.platform) if self.platform else of_agents

    def once(self, kind: type[_T], period: Period, read: Callable[["Scope", Period], _T]) -> _T:
        """What `read` returns for the period. It is called only if nothing read earlier covers the
        period."""
        known = self._read.get(kind)
        if known is None or period.first < known[0].first or known[0].last < period.last:
            known = self._read[kind] = (period, read(self, period))
        found: _T = known[1]
        return found
