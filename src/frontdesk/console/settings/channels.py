"""The settings page of all channels: a card for each."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.backends.models import Backend
from frontdesk.console.settings.section import show_section
from frontdesk.console.settings.telegram import telegram_card
from frontdesk.console.settings.web_chat import web_card


@login_required
@require_safe
def channels(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    context = {
        "backend": Backend.objects.filter(agent=agent).first(),
        "web": web_card(request, agent),
        "telegram": telegram_card(request, agent),
    }
    return show_section(request, agent, "channels", context, template="settings/channels.html")
