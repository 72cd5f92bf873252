"""The settings of the backend."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.backends import actions
from frontdesk.backends.models import Backend
from frontdesk.backends.trial import TEXT, try_backend
from frontdesk.console.operators import current_actor, current_operator
from frontdesk.console.settings.forms.backend import make_forms
from frontdesk.console.settings.section import show_section
from frontdesk.console.sheets import close_sheet, serve_sheet, show_result
from frontdesk.ledger.own_prices import own_rates
from frontdesk.ledger.pricing import price

MILLION = 1_000_000


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def backend(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """A signing secret is shown only in the response to the POST that created it."""
    agent = get_agent_for(request.user, agent_id)
    stored = Backend.objects.filter(agent=agent).first()
    if request.method != "POST":
        return _show(request, agent, stored)
    forms = make_forms(agent, stored, request.POST)
    form = forms.get(request.POST.get("kind", ""))
    if form is None or not form.is_valid():
        stored = Backend.objects.filter(agent=agent).first()  # the form has changed the instance
        context = {"forms": forms, "chosen": str(form.kind) if form else "", "refused": not form}
        return _show(request, agent, stored, context, status=422)
    secret = actions.save_backend(current_actor(request), form.instance)
    if not secret:
        messages.success(request, _("The backend of %(name)s is saved.") % {"name": agent.name})
        return redirect("backends:backend", agent.id)
    return _show(request, agent, form.instance, {"secret": secret})


@login_required
@require_POST
def try_it(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    stored = get_object_or_404(Backend, agent=agent)
    trial = try_backend(stored, current_operator(request))
    return _show(request, agent, stored, {"trial": trial})


@login_required
@require_safe
def model_price(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Show, while its name is typed, what a model costs."""
    agent = get_agent_for(request.user, agent_id)
    context = {"agent": agent, **_price_of(agent, request.GET.get("openai-model", ""))}
    return render(request, "settings/backend/price.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def renew_secret(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    stored = get_object_or_404(Backend, agent=agent, kind=Backend.Kind.HTTP)
    context = {"agent": agent, "tab": "settings"}

    def act() -> HttpResponse:
        secret = actions.renew_secret(current_actor(request), stored)
        result = {**context, "secret": secret}
        return show_result(request, "settings/backend/secret_made.html", result)

    return serve_sheet(request, "settings/backend/renew_secret.html", context, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    stored = get_object_or_404(Backend, agent=agent)

    def act() -> HttpResponse:
        actions.remove_backend(current_actor(request), stored)
        url = reverse("backends:backend", args=[agent.id])
        return close_sheet(
            request, url, _("The backend of %(name)s is removed.") % {"name": agent.name}
        )

    context = {"agent": agent, "tab": "settings", "backend": stored}
    return serve_sheet(request, "settings/backend/remove.html", context, act)


def _show(
    request: HttpRequest,
    agent: Agent,
    stored: Backend | None,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "backend": stored,
        "forms": make_forms(agent, stored),
        "chosen": stored.kind if stored else Backend.Kind.DEMO,
        "question": TEXT,
        **(context or {}),
    }
    context |= _price_of(agent, context["forms"][Backend.Kind.OPENAI]["model"].value() or "")
    return show_section(
        request, agent, "backend", context, template="settings/backend/settings.html", status=status
    )


def _price_of(agent: Agent, model: str) -> dict[str, Any]:
    """The price of a million input and output tokens, in micro-dollars: the operator's own or that
    of the price list."""
    name, now = model.strip()[:200], timezone.now()
    own = own_rates(agent, name)
    return {
        "priced_model": name,
        "is_own_price": own is not None,
        "input_cost": price(name, now, MILLION, 0, 0, own),
        "output_cost": price(name, now, 0, MILLION, 0, own),
    }
