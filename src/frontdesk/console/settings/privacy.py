"""How long texts are kept."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontdesk.accounts.access import get_agent_for
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.privacy import PrivacyForm
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
    return show_section(request, agent, "privacy", {"form": form}, template=template, status=status)
