"""How long texts are kept, and what people are told."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from frontdesk.accounts.access import get_agent_for
from frontdesk.console.forms import status_of
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.privacy import NoticeForm, PrivacyForm
from frontdesk.console.settings.section import show_section
from frontdesk.ledger import agent_actions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Ask before saving a change that removes texts."""
    agent = get_agent_for(request.user, agent_id)
    form = PrivacyForm(request.POST or None, instance=agent)
    asks = form.is_valid() and form.must_ask
    if form.is_valid() and not asks:
        agent_actions.save_agent(current_actor(request), agent, ["keep_texts", "keep_days"])
        messages.success(request, _("The privacy settings are saved."))
        return redirect("agents:privacy", agent.id)
    template = "settings/privacy_asks.html" if asks else ""
    status = 422 if form.errors else 200
    context = {"form": form, "notice": NoticeForm(instance=agent)}
    return show_section(request, agent, "privacy", context, template=template, status=status)


@login_required
@require_POST
def notice(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Save what people are told."""
    agent = get_agent_for(request.user, agent_id)
    form = NoticeForm(request.POST, instance=agent)
    if form.is_valid():
        agent_actions.save_agent(current_actor(request), agent, form.changed_data)
        messages.success(request, _("The privacy settings are saved."))
        return redirect("agents:privacy", agent.id)
    # The form has changed `agent`, but the page must show what is stored.
    stored = get_agent_for(request.user, agent_id)
    context = {"form": PrivacyForm(instance=stored), "notice": form}
    return show_section(request, stored, "privacy", context, status=status_of(form))
