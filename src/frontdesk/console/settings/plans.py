"""The plans that users may have."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents import actions
from frontdesk.agents.models import Agent, Plan
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.limits import LimitsForm
from frontdesk.console.settings.forms.plans import PlanForm
from frontdesk.console.settings.limits import simulate_all
from frontdesk.console.settings.section import show_section
from frontdesk.console.sheets import close_sheet, serve_sheet
from frontdesk.ledger import agent_actions
from frontdesk.ledger.models import FacetCount
from frontdesk.people import facet_usage


@login_required
@require_safe
def plans(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    counted = facet_usage.count_plans(agent.id, agent.plans.all())
    keys = {each.item.key for each in counted}
    reported = facet_usage.reported_only(agent.id, FacetCount.Facet.PLAN, keys)
    return show_section(request, agent, "plans", {"plans": counted, "reported": reported})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create_plan(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """`?key=` is the key of a plan that is already reported."""
    agent = get_agent_for(request.user, agent_id)
    key = request.GET.get("key", "")[:100]
    plan = Plan(agent=agent)
    return _edit(
        request, agent, plan, PlanForm(request.POST or None, instance=plan, initial=_named(key))
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_plan(request: HttpRequest, agent_id: uuid.UUID, plan_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    plan = get_object_or_404(Plan, agent=agent, id=plan_id)
    return _edit(request, agent, plan, PlanForm(request.POST or None, instance=plan))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_plan(request: HttpRequest, agent_id: uuid.UUID, plan_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    plan = get_object_or_404(Plan, agent=agent, id=plan_id)

    def act() -> HttpResponse:
        agent_actions.delete_plan(current_actor(request), plan)
        url = reverse("agents:plans", args=[agent.id])
        text = _("The plan %(plan)s is deleted.") % {"plan": plan.name}
        return close_sheet(request, url, text)

    (counted,) = facet_usage.count_plans(agent.id, [plan])
    context = {"agent": agent, "tab": "settings", "plan": plan, "users": counted.users}
    return serve_sheet(request, "settings/delete_plan.html", context, act)


def _edit(request: HttpRequest, agent: Agent, plan: Plan, form: PlanForm) -> HttpResponse:
    adding = plan._state.adding
    limits = LimitsForm(request.POST or None, limits=plan.limits, wider=agent.limits)
    is_valid = form.is_valid() and limits.is_valid()
    is_simulation = "try" in request.POST
    if is_valid and not is_simulation:
        plan.limits = limits.limits
        try:
            actions.save_plan(current_actor(request), plan)
        except actions.TakenError:
            text = _("Another plan was just saved with the key “%(key)s”.") % {"key": plan.key}
            form.add_error("key", text)
            is_valid = False
        else:
            text = _("The plan %(plan)s is saved.") % {"plan": plan.name}
            messages.success(request, text)
            return redirect("agents:plans", agent.id)
    tried = simulate_all(agent, limits.limits, plan.key) if is_valid and is_simulation else {}
    context = {"form": form, "limits_form": limits, "tried": tried, "plan": plan, "adding": adding}
    if not adding:  # the form has changed `plan`
        context["stored"] = Plan.objects.get(id=plan.id)
    status = 422 if form.is_bound and not is_valid else 200
    return show_section(
        request, agent, "plans", context, template="settings/plan.html", status=status
    )


def _named(key: str) -> dict[str, str]:
    return {"key": key, "name": key} if key else {}
