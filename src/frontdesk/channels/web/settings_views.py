"""The web card of the channels' settings, and its forms."""

from typing import Any

from django.http import HttpRequest

from frontdesk.agents.models import Agent


def web_card(request: HttpRequest, agent: Agent) -> dict[str, Any]:
    """What web/card.html shows, as its value `web`."""
    return {}
