"""Operators, agents, and what belongs to an agent's settings."""

from typing import Any

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent, AgentText, ApiKey, Invitee, Plan, Tag

PASSWORD = "correct horse battery"


def make_operator(username: str = "olivia") -> Operator:
    """An operator who can sign in, with PASSWORD."""
    return Operator.objects.create_user(username, f"{username}@example.com", PASSWORD)


def make_agent(name: str = "Ada", **fields: Any) -> Agent:
    """An agent in UTC, with sessions that end after 30 minutes."""
    return Agent.objects.create(name=name, **fields)


def set_agent_limits(agent: Agent, **limits: int | None) -> None:
    """Replace the agent's own limits."""
    agent.limits = limits
    agent.save()


def make_plan(agent: Agent, key: str = "pro", **fields: Any) -> Plan:
    """A plan without limits, named after its key."""
    return Plan.objects.create(agent=agent, key=key, **{"name": key.title(), **fields})


def make_tag(agent: Agent, name: str = "vip", **fields: Any) -> Tag:
    return Tag.objects.create(agent=agent, name=name, **fields)


def make_agent_text(agent: Agent, occasion: str, language: str, text: str) -> AgentText:
    """An agent's own text for an occasion."""
    return AgentText.objects.create(agent=agent, occasion=occasion, language=language, text=text)


def make_invitee(agent: Agent, kind: str, value: str) -> Invitee:
    return Invitee.objects.create(agent=agent, kind=kind, value=value)


def make_key(agent: Agent, *scopes: str, name: str = "tests") -> tuple[ApiKey, str]:
    """An API key and its token. Without scopes, it has all of them."""
    return ApiKey.issue(agent, name, list(scopes or ApiKey.Scope.values))
