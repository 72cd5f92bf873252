"""Which agents an operator may see: the one place where the console fetches and authorises them."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent, AgentQuerySet


def agents_for(operator: Operator | AnonymousUser) -> AgentQuerySet:
    """The agents that this operator may see, archived ones included. Everyone signed in: all.

    Agents that are being deleted are gone already.
    """
    if not operator.is_authenticated:
        return Agent.objects.none()
    return Agent.objects.filter(deleting_since=None)


def get_agent_for(operator: Operator | AnonymousUser, agent_id: uuid.UUID) -> Agent:
    """The agent, if this operator may see it.

    Raises Http404 both when there is none and when it is not for this operator, so that the
    answer does not tell which ids exist.
    """
    agent = agents_for(operator).filter(id=agent_id).first()
    if agent is None:
        raise Http404("There is no such agent, or it is not shared with you.")
    return agent
