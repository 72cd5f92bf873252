"""Which agents an operator may access. All pages fetch and authorize agents here."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils.translation import gettext as _

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent, AgentQuerySet


def agents_for(operator: Operator | AnonymousUser) -> AgentQuerySet:
    """All agents, including archived ones, for any operator who is signed in.

    Agents that are being deleted are left out.
    """
    if not operator.is_authenticated:
        return Agent.objects.none()
    return Agent.objects.filter(deleting_since=None)


def get_agent_for(operator: Operator | AnonymousUser, agent_id: uuid.UUID) -> Agent:
    """The agent, if this operator may access it.

    Raises Http404 both when the agent does not exist and when this operator may not access it, so
    that the response does not reveal which ids exist.
    """
    agent = agents_for(operator).filter(id=agent_id).first()
    if agent is None:
        raise Http404(_("There is no such agent, or it is not shared with you."))
    return agent
