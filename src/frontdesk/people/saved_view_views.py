"""Keeping a list of users under a name."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from frontdesk.agents.access import get_agent_for


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def views(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Ask for the name of a new view, and keep it."""
    get_agent_for(request.user, agent_id)
    raise NotImplementedError
