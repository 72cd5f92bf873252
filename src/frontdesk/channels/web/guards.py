"""What every request of the chat page needs: the chat, the visitor, and errors as JSON."""

import functools
import logging
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from frontdesk.agents.models import Agent
from frontdesk.channels.web.models import WebChat
from frontdesk.channels.web.sign_in import read_token
from frontdesk.channels.web.visitors import Visitor, clean_language
from frontdesk.channels.words import nearest
from frontdesk.core.http.errors import ApiError
from frontdesk.ledger.events import EventError

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]
MAX_LANGUAGES = 10


def get_chat(agent_id: uuid.UUID) -> WebChat:
    """The open web chat of an agent, without sign-in. Raises Http404."""
    open_chats = WebChat.objects.filter(is_on=True, agent__deleting_since=None)
    chat = open_chats.select_related("agent").filter(agent_id=agent_id).first()
    if chat is None:
        raise Http404(_("There is no chat at this address, or it is closed."))
    return chat


def get_visitor(request: HttpRequest, chat: WebChat) -> Visitor:
    """The visitor of the bearer token. Raises ApiError (401): get another token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    visitor = read_token(chat, token.strip()) if scheme.lower() == "bearer" else None
    if visitor is None:
        raise ApiError(401, "unauthorized", "This needs a visitor's token.", "Authorization")
    return visitor


def answers_json(*methods: str) -> Callable[[View], View]:
    """A view for scripts that allows only these methods, and whose errors have the API's shape.

    It needs no CSRF protection, because no cookie gives access to anything here.
    """

    def decorator(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    allow = ", ".join(methods)
                    message = f"{request.method} is not allowed here; use {allow}."
                    raise ApiError(405, "method_not_allowed", message, headers={"Allow": allow})
                return view(request, *args, **kwargs)
            except ApiError as error:
                return error.response()
            except EventError as error:
                return ApiError(422, "invalid_field", error.reason).response()
            except (Http404, Agent.DoesNotExist):
                return ApiError(404, "not_found", "This does not exist, or was deleted.").response()
            except (OperationalError, InterfaceError):
                logger.exception("%s %s: the database failed", request.method, request.path)
                message = "The database is not available right now; send the request again."
                return ApiError(503, "unavailable", message).response()

        return never_cache(csrf_exempt(guarded))

    return decorator


def as_json(value: object, **headers: str) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(value), content_type="application/json", headers=headers
    )


def browser_languages(request: HttpRequest) -> list[str]:
    """The languages that the browser asks for, most preferred first."""
    header = request.headers.get("Accept-Language", "")
    tags = [clean_language(tag) for tag, _ in parse_accept_lang_header(header)]
    return [tag for tag in tags if tag][:MAX_LANGUAGES]


def language_of(request: HttpRequest, visitor: Visitor) -> str:
    """The language of our texts for this visitor."""
    return nearest(visitor.language, *browser_languages(request))
