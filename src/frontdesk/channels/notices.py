"""What people are told about the agent: that it is an AI, and what is kept of what they write."""

from urllib.parse import urlsplit

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels.words import phrase


def ai_notice(agent: Agent, language: str) -> str:
    """That an AI answers, and whose; empty if the operator has turned the notice off."""
    if not agent.tells_ai:
        return ""
    if agent.organization:
        return phrase("ai_of", language, organization=agent.organization)
    return phrase("ai", language)


def privacy(agent: Agent, language: str) -> list[str]:
    """What is kept and who reads it, one sentence each, from the settings as they are now.

    The address of the operator's own policy stands in its place.
    """
    if agent.privacy_url:
        return [phrase("privacy_policy", language, url=agent.privacy_url)]
    host = _backend_host(agent)
    contact = agent.privacy_contact
    return [
        *filter(None, [ai_notice(agent, language)]),
        phrase("privacy_kept", language),
        _keeping(agent, language),
        *([phrase("privacy_passed_on", language, host=host)] if host else []),
        phrase("privacy_ask", language, contact=contact)
        if contact
        else phrase("privacy_ask_operator", language),
    ]


def _keeping(agent: Agent, language: str) -> str:
    if not agent.keep_texts:
        return phrase("privacy_no_texts", language)
    if agent.keep_days is None:
        return phrase("privacy_always", language)
    return phrase("privacy_days", language, days=agent.keep_days)


def _backend_host(agent: Agent) -> str:
    backend = Backend.objects.filter(agent=agent).only("kind", "url").first()
    if backend is None or backend.kind == Backend.Kind.DEMO:
        return ""
    return urlsplit(backend.url).hostname or ""
