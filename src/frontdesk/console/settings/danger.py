"""Archiving and deleting an agent."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontdesk.accounts.access import get_agent_for
from frontdesk.analytics.overview import figures_of
from frontdesk.console.forms import status_of
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.confirm import TypedNameForm
from frontdesk.console.settings.section import show_section
from frontdesk.ledger import agent_actions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def danger(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """A POST deletes the agent if its name was typed."""
    agent = get_agent_for(request.user, agent_id)
    form = TypedNameForm(request.POST or None, name=agent.name)
    if form.is_valid():
        agent_actions.delete_agent(current_actor(request), agent)
        messages.success(
            request, _("%(agent)s is being deleted with its data.") % {"agent": agent.name}
        )
        return redirect("agents:list")
    context = {"form": form, "users": figures_of([agent])[agent.id].users}
    return show_section(request, agent, "danger", context, status=status_of(form))
