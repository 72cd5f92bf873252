"""The Telegram card of the channels' settings, and its forms."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontdesk.accounts.access import get_agent_for
from frontdesk.agents.models import Agent
from frontdesk.channels.registry import open_channels
from frontdesk.channels.telegram import actions
from frontdesk.channels.telegram.models import TelegramBot, TelegramUpdate
from frontdesk.channels.telegram.updates import PLATFORM
from frontdesk.console.forms import posted
from frontdesk.console.operators import current_actor
from frontdesk.console.settings.forms.telegram import BotForm
from frontdesk.console.sheets import close_sheet, serve_sheet
from frontdesk.people.validation import ActionError


def card_values(request: HttpRequest, agent: Agent) -> dict[str, Any]:
    """The values for telegram/card.html and telegram/status.html."""
    bot = TelegramBot.objects.filter(agent=agent).first()
    others = [found for _, found in open_channels(agent, besides=PLATFORM)]
    return {
        "bot": bot,
        "address": f"t.me/{bot.username}" if bot else "",
        "has_worker": bot is not None and _has_worker(bot),
        "lacks_address": bool(others)
        and not any(each.link_url(settings.ENV.public_url, "") for each in others),
    }


@login_required
@never_cache
@require_safe
def status(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """The state of the bot, to update the card in place."""
    agent = get_agent_for(request.user, agent_id)
    context = {"agent": agent, "telegram": card_values(request, agent)}
    if not request.headers.get("HX-Request"):
        return redirect("channels:channels", agent.id)
    return render(request, "settings/telegram/status.html", context)


@login_required
@never_cache
@sensitive_post_parameters("token")
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """Connect the agent's bot, or change the token or the server of the current one."""
    agent = get_agent_for(request.user, agent_id)
    bot = TelegramBot.objects.filter(agent=agent).first()
    form = BotForm(posted(request), bot=bot)

    def act() -> HttpResponse:
        data = form.cleaned_data
        try:
            made = actions.connect(
                current_actor(request), agent, data["token"], data["api_url"], data["mode"]
            )
        except actions.BotError as error:
            raise ActionError("token", str(error)) from None
        return close_sheet(request, _channels(agent), _("%(bot)s is connected.") % {"bot": made})

    context = {"agent": agent, "tab": "settings", "bot": bot}
    return serve_sheet(request, "settings/telegram/connect.html", context, act, form)


@login_required
@require_POST
def change_edits(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    bot = get_object_or_404(TelegramBot, agent=agent)
    actions.set_answers_edits(current_actor(request), bot, "answers_edits" in request.POST)
    messages.success(request, _("The setting is saved."))
    return redirect("channels:channels", agent.id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = get_agent_for(request.user, agent_id)
    bot = get_object_or_404(TelegramBot, agent=agent)

    def act() -> HttpResponse:
        actions.disconnect(current_actor(request), bot)
        return close_sheet(request, _channels(agent), _("%(bot)s is disconnected.") % {"bot": bot})

    waiting = TelegramUpdate.objects.filter(connection_id=bot.id).exclude(state="done").count()
    context = {"agent": agent, "tab": "settings", "bot": bot, "waiting": waiting}
    return serve_sheet(request, "settings/telegram/disconnect.html", context, act)


def _has_worker(bot: TelegramBot) -> bool:
    return bot.served_until is not None and bot.served_until > timezone.now()


def _channels(agent: Agent) -> str:
    return reverse("channels:channels", args=[agent.id])
