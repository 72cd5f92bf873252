"""The settings page of what answers."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from frontdesk.agents.access import get_agent_for
from frontdesk.agents.views.section import show_section
from frontdesk.backends.models import Backend


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def backend(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    context = {"backend": Backend.objects.filter(agent=agent).first()}
    return show_section(request, agent, "backend", context, template="backends/settings.html")
