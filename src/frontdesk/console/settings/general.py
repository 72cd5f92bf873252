"""General settings: name and avatar, time, language; pausing and archiving."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents import actions
from frontdesk.console.agents.forms import GeneralForm
from frontdesk.console.forms import status_of
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.section import show_section
from frontdesk.console.sheets import close_sheet, serve_sheet
from frontdesk.ledger import agent_actions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def general(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    form = GeneralForm(request.POST or None, instance=agent)
    if form.is_valid():
        agent_actions.save_agent(current_actor(request), agent, form.changed_columns)
        messages.success(request, _("%(agent)s is saved.") % {"agent": agent.name})
        return redirect("agents:settings", agent.id)
    # The form has changed `agent`, but the frame must show what is stored.
    stored = get_agent_for(request.user, agent_id) if form.is_bound else agent
    return show_section(request, stored, "general", {"form": form}, status=status_of(form))


@login_required
@require_safe
def edit(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The old address of these settings."""
    return redirect("agents:settings", get_agent_for(request.user, agent_id).id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)

    def act() -> HttpResponse:
        actions.pause(current_actor(request), agent)
        url = reverse("agents:settings", args=[agent.id])
        text = _("%(agent)s is paused. No one is answered.") % {"agent": agent.name}
        return close_sheet(request, url, text)

    return serve_sheet(request, "agents/pause.html", {"agent": agent, "tab": "settings"}, act)


@login_required
@require_POST
def resume(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    actions.resume(current_actor(request), agent)
    messages.success(request, _("%(agent)s answers again.") % {"agent": agent.name})
    return redirect("agents:settings", agent.id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Ask first. Archiving again keeps the original time."""
    agent = get_agent_for(request.user, agent_id)
    if agent.archived_at and request.method != "POST":
        return redirect("agents:settings", agent.id)

    def act() -> HttpResponse:
        actions.archive(current_actor(request), agent)
        text = _("%(agent)s is archived. Nothing was deleted.") % {"agent": agent.name}
        return close_sheet(request, reverse("agents:list"), text)

    return serve_sheet(request, "agents/archive.html", {"agent": agent, "tab": "settings"}, act)


@login_required
@require_POST
def unarchive(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    actions.unarchive(current_actor(request), agent)
    messages.success(request, _("%(agent)s is restored.") % {"agent": agent.name})
    return redirect("agents:list")
