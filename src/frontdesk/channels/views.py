"""The settings page of all channels: a card for each."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from frontdesk.agents.access import get_agent_for
from frontdesk.agents.views.section import show_section
from frontdesk.backends.models import Backend
from frontdesk.channels.telegram.settings_views import telegram_card
from frontdesk.channels.web.settings_views import web_card


@login_required
@require_safe
def channels(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    context = {
        "backend": Backend.objects.filter(agent=agent).first(),
        "web": web_card(request, agent),
        "telegram": telegram_card(request, agent),
    }
    return show_section(request, agent, "channels", context, template="channels/settings.html")
