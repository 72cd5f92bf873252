"""The telegram card of the channels' settings, and its forms."""

from typing import Any

from django.http import HttpRequest

from frontdesk.agents.models import Agent


def telegram_card(request: HttpRequest, agent: Agent) -> dict[str, Any]:
    """What telegram/card.html shows, as its value `telegram`."""
    return {}
