"""Whose numbers are meant: of one agent or several, on all platforms or one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from frontdesk.agents.models import Agent


@dataclass(frozen=True)
class Scope:
    """Agents, and a platform (empty: all). Rollups of several are added: who writes to two agents
    counts twice."""

    agents: Sequence[Agent]
    platform: str = ""

    @property
    def rows(self) -> Q:
        """The rows of a rollup that are meant."""
        ids = [agent.id for agent in self.agents]
        of_agents = Q(agent_id=ids[0]) if len(ids) == 1 else Q(agent_id__in=ids)
        return of_agents & Q(platform=self.platform) if self.platform else of_agents
