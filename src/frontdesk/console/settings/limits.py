"""Limits for all users, and what a limit would have done in the last days."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.limits import LIMITS, Limits
from frontdesk.agents.models import Agent, Plan
from frontdesk.console.forms import status_of
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.limits import LimitsForm, parse_limit
from frontdesk.console.settings.section import show_section
from frontdesk.gate.simulation import SIMULATABLE, Simulation, simulate
from frontdesk.ledger import agent_actions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    form = LimitsForm(request.POST or None, limits=agent.limits)
    if form.is_valid() and "try" not in request.POST:
        agent.limits = form.limits
        agent_actions.save_agent(current_actor(request), agent, ["limits"])
        messages.success(request, _("The limits are saved. They apply from the next message on."))
        return redirect("agents:limits", agent.id)
    tried = simulate_all(agent, form.limits) if form.is_valid() else {}
    status = 200 if form.is_valid() else status_of(form)
    return show_section(request, agent, "limits", {"form": form, "tried": tried}, status=status)


@login_required
@require_safe
def try_limit(request: HttpRequest, agent_id: uuid.UUID, key: str) -> HttpResponse:
    """Show, while a limit is typed, what it would have done; empty for invalid input."""
    agent = get_agent_for(request.user, agent_id)
    kind = LIMITS.get(key)
    if kind is None or key not in SIMULATABLE:
        raise Http404(_("There is no such limit to simulate."))
    plan_id = _uuid(request.GET.get("plan", ""))
    plan = get_object_or_404(Plan, agent=agent, id=plan_id) if plan_id else None
    value = parse_limit(kind, request.GET.get(key, ""))
    tried = None if value is None else simulate(agent, key, value, plan=plan.key if plan else None)
    return render(request, "settings/tried.html", {"tried": tried})


def simulate_all(
    agent: Agent, limits: Limits, plan: str | None = None, keys: Iterable[str] = LIMITS
) -> dict[str, Simulation]:
    """What each of these limits would have done on its own."""
    return {
        key: simulate(agent, key, value, plan=plan)
        for key in keys
        if key in SIMULATABLE and (value := limits.get(key)) is not None
    }


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
