"""Who may write to the agent, and the list of invited people."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents import actions
from frontdesk.agents.invitees import Reading
from frontdesk.agents.models import Agent, Invitee
from frontdesk.console.forms import status_of
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.access import AccessForm, InviteForm
from frontdesk.console.settings.section import show_section
from frontdesk.console.sheets import close_sheet, serve_sheet
from frontdesk.core.formats import number
from frontdesk.ledger import agent_actions

PAGE_SIZE = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    form = AccessForm(request.POST or None, instance=agent)
    if form.is_valid():
        agent_actions.save_agent(current_actor(request), agent, form.changed_data)
        messages.success(request, _("Access is saved."))
        return redirect("agents:access", agent.id)
    agent.refresh_from_db(fields=["access"])
    return _show(request, agent, {"form": form}, status_of(form))


@login_required
@require_POST
def invite(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Add the valid lines; show the others again with their errors."""
    agent = get_agent_for(request.user, agent_id)
    form = InviteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, agent, {"invite_form": form}, 422)
    reading = form.read()
    added = actions.invite(current_actor(request), agent, reading.invitations)
    text = _outcome(added, len(reading.invitations) - added + reading.repeated)
    if not reading.bad:
        messages.success(request, text)
        return redirect("agents:access", agent.id)
    return _show_bad_lines(request, agent, reading, text)


@login_required
@require_POST
def uninvite(request: HttpRequest, agent_id: uuid.UUID, invitee_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    invitee = get_object_or_404(Invitee, agent=agent, id=invitee_id)
    actions.uninvite(current_actor(request), invitee)
    messages.success(request, _("%(invitee)s is removed from the list.") % {"invitee": invitee})
    return redirect("agents:access", agent.id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def uninvite_all(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)

    def act() -> HttpResponse:
        removed = actions.uninvite_all(current_actor(request), agent)
        url = reverse("agents:access", args=[agent.id])
        text = _("The list is empty: %(number)s removed.") % {"number": number(removed)}
        return close_sheet(request, url, text)

    context = {"agent": agent, "tab": "settings", "count": agent.invitees.count()}
    return serve_sheet(request, "settings/uninvite_all.html", context, act)


def _show(request: HttpRequest, agent: Agent, context: dict[str, Any], status: int) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    found = agent.invitees.all()
    if query:
        found = found.filter(value__icontains=query.removeprefix("@").replace("\0", ""))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    defaults = {"form": AccessForm(instance=agent), "invite_form": InviteForm()}
    listing = {"query": query, "page": page, "has_list": bool(page or query)}
    return show_section(request, agent, "access", {**defaults, **listing, **context}, status=status)


def _show_bad_lines(
    request: HttpRequest, agent: Agent, reading: Reading, text: str
) -> HttpResponse:
    typed = "\n".join(line.text for line in reading.bad)
    more = reading.bad_lines - len(reading.bad)
    context = {
        "invite_form": InviteForm(initial={"lines": typed}),
        "reading": reading,
        "outcome": text,
        "more_bad": more,
    }
    return _show(request, agent, context, 422)


def _outcome(added: int, known: int) -> str:
    counts = {"added": number(added), "known": number(known)}
    if known:
        return _("Invited: %(added)s. Already on the list: %(known)s.") % counts
    return _("Invited: %(added)s.") % counts
