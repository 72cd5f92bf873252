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
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.web_chat import WebChatForm
from frontdesk.console.sheets import close_sheet, serve_sheet, show_result

SHEET = {"tab": "settings"}


def card_values(request: HttpRequest, agent: Agent) -> dict[str, Any]:
    """The values for web_chat/card.html."""
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

    def act() -> HttpResponse:
        actions.close_chat(current_actor(request), agent)
        return close_sheet(request, _channels(agent), _("The web chat is closed."))

    context = {**SHEET, "agent": agent}
    return serve_sheet(request, "settings/web_chat/close_chat.html", context, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_chat(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    form = WebChatForm(posted(request), instance=_chat_of(agent))

    def act() -> HttpResponse:
        actions.save_chat(current_actor(request), form.instance, form.changed_columns)
        return close_sheet(request, _channels(agent), _("The web chat is saved."))

    context = {**SHEET, "agent": agent}
    return serve_sheet(request, "settings/web_chat/change_chat.html", context, act, form)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make_secret(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The secret is shown only in the response to this POST."""
    agent = get_agent_for(request.user, agent_id)
    context = {**SHEET, "agent": agent, "chat": _chat_of(agent)}

    def act() -> HttpResponse:
        result = {**context, "secret": actions.make_secret(current_actor(request), agent)}
        return show_result(request, "settings/web_chat/secret_made.html", result)

    return serve_sheet(request, "settings/web_chat/new_secret.html", context, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_secret(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)

    def act() -> HttpResponse:
        actions.remove_secret(current_actor(request), agent)
        return close_sheet(request, _channels(agent), _("The secret is removed."))

    context = {**SHEET, "agent": agent}
    return serve_sheet(request, "settings/web_chat/remove_secret.html", context, act)


def _chat_of(agent: Agent) -> WebChat:
    """The agent's web chat, or an unsaved, closed one if there has never been one."""
    return WebChat.objects.filter(agent=agent).first() or WebChat(agent=agent)


def _channels(agent: Agent) -> str:
    return reverse("channels:channels", args=[agent.id])
