"""Files to take away: the list of users, and one person's data."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from frontdesk.agents.access import get_agent_for
from frontdesk.ledger.models import EndUser
from frontdesk.people import archive


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, agent_id: uuid.UUID) -> StreamingHttpResponse:
    """The users whom the address means or, by POST, those who were selected."""
    get_agent_for(request.user, agent_id)
    raise NotImplementedError


@login_required
@require_safe
def data(request: HttpRequest, agent_id: uuid.UUID, user_id: uuid.UUID) -> StreamingHttpResponse:
    """All that is kept of one person."""
    agent = get_agent_for(request.user, agent_id)
    person = get_object_or_404(EndUser, agent=agent, id=user_id)
    return StreamingHttpResponse(
        archive.stream(agent, person),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{archive.file_name(person)}"'},
    )
