"""Asking before one act is done to many users, and showing how far it is."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from frontdesk.agents.access import get_agent_for


@login_required
@require_POST
def bulk(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Ask for what an act needs and, when it is confirmed, do it or set it going."""
    get_agent_for(request.user, agent_id)
    raise NotImplementedError


@login_required
@require_safe
def job(request: HttpRequest, agent_id: uuid.UUID, job_id: uuid.UUID) -> HttpResponse:
    """How far an act on many users is, and what became of it."""
    get_agent_for(request.user, agent_id)
    raise NotImplementedError
