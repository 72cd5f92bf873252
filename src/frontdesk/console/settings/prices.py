"""The operator's own prices of models."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontdesk.accounts.access import get_agent_for
from frontdesk.console.forms import posted, status_of
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.prices import PricesForm
from frontdesk.console.settings.section import show_section
from frontdesk.ledger import agent_actions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prices(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    form = PricesForm(posted(request), instance=agent)
    if form.is_valid():
        agent_actions.save_agent(current_actor(request), agent, form.columns)
        messages.success(request, _("The prices are saved. They apply from the next message on."))
        return redirect("agents:prices", agent.id)
    return show_section(request, agent, "prices", {"form": form}, status=status_of(form))
