"""The web card of the channels' settings, and its forms."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.channels.web import actions
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.origins import own_origin
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.web_chat import WebChatForm
from frontdesk.console.sheets import STALE, close_sheet, show_sheet

SHEET = {"tab": "settings"}


def card_values(request: HttpRequest, agent: Agent) -> dict[str, Any]:
    """What web_chat/card.html shows."""
    origin = own_origin(request)
    return {
        "chat": _chat_of(agent),
        "url": origin + reverse("web:chat", args=[agent.id]),
        "script": f'<script src="{origin}/widget.js" data-agent="{agent.id}" async></script>',
        "script_head": f'<script src="{origin}/widget.js" data-agent="{agent.id}"',
    }


@login_required
@require_POST
def open_chat(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    actions.open_chat(current_actor(request), agent)
    messages.success(request, _("The web chat is open."))
    return redirect("channels:channels", agent.id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close_chat(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    if request.method != "POST":
        return show_sheet(request, "settings/web_chat/close_chat.html", {**SHEET, "agent": agent})
    actions.close_chat(current_actor(request), agent)
    return close_sheet(request, _channels(agent), _("The web chat is closed."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_chat(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    form = WebChatForm(request.POST or None, instance=_chat_of(agent))
    if not form.is_valid():
        context = {**SHEET, "agent": agent, "form": form}
        return show_sheet(
            request, "settings/web_chat/change_chat.html", context, 422 if form.is_bound else 200
        )
    actions.save_chat(current_actor(request), form.instance, form.changed_columns)
    return close_sheet(request, _channels(agent), _("The web chat is saved."))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make_secret(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The secret is in the answer to this POST, and nowhere else."""
    agent = get_agent_for(request.user, agent_id)
    context = {**SHEET, "agent": agent, "chat": _chat_of(agent)}
    if request.method != "POST":
        return show_sheet(request, "settings/web_chat/new_secret.html", context)
    secret = actions.make_secret(current_actor(request), agent)
    response = show_sheet(
        request, "settings/web_chat/secret_made.html", {**context, "secret": secret}
    )
    response.headers["HX-Trigger"] = STALE
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_secret(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    if request.method != "POST":
        return show_sheet(
            request, "settings/web_chat/remove_secret.html", {**SHEET, "agent": agent}
        )
    actions.remove_secret(current_actor(request), agent)
    return close_sheet(request, _channels(agent), _("The secret is removed."))


def _chat_of(agent: Agent) -> WebChat:
    """The agent's web chat; an unsaved one, which is closed, where there has never been one."""
    return WebChat.objects.filter(agent=agent).first() or WebChat(agent=agent)


def _channels(agent: Agent) -> str:
    return reverse("channels:channels", args=[agent.id])
