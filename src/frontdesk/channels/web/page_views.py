"""The chat page, hosted or in a widget, and the data for the widget's script."""

import uuid
from pathlib import Path
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition, require_safe

from frontdesk.agents.models import Agent
from frontdesk.channels import notices, registry
from frontdesk.channels.web.channel import PLATFORM
from frontdesk.channels.web.guards import answers_json, as_json, browser_languages, get_chat
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.origins import own_origin
from frontdesk.channels.words import RIGHT_TO_LEFT, nearest, phrase, phrases
from frontdesk.core.http.errors import ApiError

WIDGET = Path(__file__).parent / "static" / "web" / "widget.js"
FRESH_FOR = 300
"""Seconds for which browsers use the widget's script without checking for a newer one."""


@require_safe
def chat(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    try:
        return _show(request, get_chat(agent_id), is_embedded=False)
    except Http404:  # visitors see this page; the console's is for operators
        return _render(request, "web/gone.html", {}, status=404)


@require_safe
@xframe_options_exempt
def embedded(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponseBase:
    """The page in the widget's frame, which only the agent's sites may embed."""
    web_chat = get_chat(agent_id)
    may_embed = csp_replace({"frame-ancestors": [SELF, *web_chat.origins]})
    return may_embed(lambda request: _show(request, web_chat, is_embedded=True))(request)


@answers_json("GET")
def widget(request: HttpRequest, agent_id: uuid.UUID) -> HttpResponse:
    """How to draw the button; 403 for a site that is not one of the agent's.

    The site can read the error too, so that its developer learns what is wrong.
    """
    origin = request.headers.get("Origin", "")
    headers = {"Vary": "Origin"}
    if origin:
        headers["Access-Control-Allow-Origin"] = origin
    try:
        web_chat = get_chat(agent_id)
        if origin and origin not in (*web_chat.origins, own_origin(request)):
            message = f"{origin[:300]} is not among the sites that may embed this chat."
            raise ApiError(403, "origin_not_allowed", message, "Origin", headers)
    except Http404:
        message = "There is no chat at this address, or it is closed."
        raise ApiError(404, "not_found", message, headers=headers) from None
    agent, language = web_chat.agent, nearest(*browser_languages(request))
    words = phrases(language)
    shown = {
        "name": agent.name,
        "avatar": agent.avatar,
        "color": web_chat.color,
        "language": language,
        "dir": _direction(language),
        "words": {key: words[key] for key in ("open_widget", "close_widget")},
    }
    return as_json(shown, **headers)


def _etag(request: HttpRequest) -> str:
    state = WIDGET.stat()
    return f'"{state.st_mtime_ns:x}-{state.st_size:x}"'


@require_safe
@cache_control(public=True, max_age=FRESH_FOR)
@condition(etag_func=_etag)
def widget_script(request: HttpRequest) -> HttpResponse:
    """The script at an address that never changes; static files have a hash in their name."""
    headers = {"Cross-Origin-Resource-Policy": "cross-origin"}
    return HttpResponse(WIDGET.read_bytes(), content_type="text/javascript", headers=headers)


def _show(request: HttpRequest, web_chat: WebChat, *, is_embedded: bool) -> HttpResponse:
    agent, language = web_chat.agent, nearest(*browser_languages(request))
    addresses = ("visitor", "messages", "usage", "link")
    context = {
        "agent": agent,
        "web_chat": web_chat,
        "urls": {name: reverse(f"web:{name}", args=[agent.id]) for name in addresses},
        "embedded": is_embedded,
        "ai_notice": notices.ai_notice(agent, language),
        "privacy": notices.privacy(agent, language),
        "others": _others(request, agent),
        "origins": [own_origin(request), *web_chat.origins] if is_embedded else [],
    }
    return _render(request, "web/chat.html", context)


def _others(request: HttpRequest, agent: Agent) -> list[dict[str, str]]:
    """The buttons that lead to the agent's other channels."""
    language = nearest(*browser_languages(request))
    return [
        {
            "key": channel.key,
            "icon": channel.icon,
            "title": phrase("link_button", language, platform=channel.platform.name),
            "url": reverse("web:continue_link", args=[agent.id, channel.key]),
        }
        for channel, _ in registry.open_channels(agent, besides=PLATFORM)
    ]


def _render(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render in the browser's language."""
    language = nearest(*browser_languages(request))
    context |= {
        "words": dict(phrases(language)),
        "language": language,
        "direction": _direction(language),
    }
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    response = render(request, template, context, status=status)
    for name, value in headers.items():
        response[name] = value
    return response


def _direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
