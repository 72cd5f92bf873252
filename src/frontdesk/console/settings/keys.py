"""The API keys of an agent."""

import uuid

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents import actions
from frontdesk.agents.models import ApiKey
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.keys import KeyForm
from frontdesk.console.settings.section import show_section
from frontdesk.console.sheets import close_sheet, serve_sheet, show_result

MAX_REVOKED = 20


@login_required
@require_safe
def keys(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    created = ApiKey.objects.filter(agent=agent)
    context = {
        "keys": created.filter(revoked_at=None).order_by("created_at", "id"),
        "revoked": created.exclude(revoked_at=None).order_by("-revoked_at")[:MAX_REVOKED],
    }
    return show_section(request, agent, "keys", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create_key(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The token is shown only in the response to this POST."""
    agent = get_agent_for(request.user, agent_id)
    form = KeyForm(posted(request))
    context = {"agent": agent, "tab": "settings"}

    def act() -> HttpResponse:
        data = form.cleaned_data
        key, token = actions.issue_key(current_actor(request), agent, data["name"], data["scopes"])
        origin = settings.ENV.public_url or f"{request.scheme}://{request.get_host()}"
        result = {**context, "key": key, "token": token, "origin": origin.rstrip("/")}
        return show_result(request, "settings/key_made.html", result)

    return serve_sheet(request, "settings/new_key.html", context, act, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: HttpRequest, agent_id: uuid.UUID, key_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    key = get_object_or_404(ApiKey, agent=agent, id=key_id)

    def act() -> HttpResponse:
        actions.revoke_key(current_actor(request), key)
        url = reverse("agents:keys", args=[agent.id])
        text = _("The key %(key)s is revoked.") % {"key": key.name}
        return close_sheet(request, url, text)

    context = {"agent": agent, "tab": "settings", "key": key}
    return serve_sheet(request, "settings/revoke_key.html", context, act)
