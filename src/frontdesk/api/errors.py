"""The errors of the API: all have the same JSON shape."""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from frontdesk.agents.models import Agent
from frontdesk.core.http.errors import ApiError, invalid_field, invalid_parameter
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger.events import EventError
from frontdesk.ledger.models import EndUser
from frontdesk.people.validation import ActionError

logger = logging.getLogger(__name__)


@csrf_exempt
def no_such_address(request: HttpRequest) -> HttpResponse:
    """The answer for every unknown address below the API's."""
    message = "There is nothing at this address; /api/docs lists those that exist."
    return ApiError(404, "not_found", message, where=request.path[:200]).response()


def add_handlers(api: NinjaAPI) -> None:
    """Answer every exception that a view can raise."""
    for error, explain in _EXPLAINED.items():
        api.add_exception_handler(error, _handler(explain))
    for error, code in ((OperationalError, 503), (InterfaceError, 503), (Exception, 500)):
        api.add_exception_handler(error, _failure(code))


def no_access(message: str) -> ApiError:
    challenge = {"WWW-Authenticate": 'Bearer realm="Frontdesk"'}
    return ApiError(401, "unauthorized", message, "Authorization", challenge)


def _handler(explain: Callable[..., ApiError]) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, error: explain(error).response()


def _gone(error: Exception) -> ApiError:
    return ApiError(404, "not_found", "This does not exist, or was deleted.")


def _invalid(error: ValidationError) -> ApiError:
    first = error.errors[0]
    return invalid_parameter(str(first["loc"][-1]), first["msg"])


def _invalid_event(error: EventError) -> ApiError:
    """The reason starts with the field: "email is not …", "platform: expected …"."""
    field, problem = re.split(r":? ", error.reason, maxsplit=1)
    return invalid_field(field, f"{problem}.")


_EXPLAINED: dict[type[Exception], Callable[..., ApiError]] = {
    ApiError: lambda error: error,
    AuthenticationError: lambda _: no_access("Send an API key: “Authorization: Bearer fd_…”."),
    Http404: _gone,
    Agent.DoesNotExist: _gone,  # deleted in the meantime
    EndUser.DoesNotExist: _gone,  # erased in the meantime
    ValidationError: _invalid,
    EventError: _invalid_event,
    ActionError: lambda error: invalid_field(error.field, error.message),
    HttpError: lambda error: ApiError(error.status_code, "refused", error.message),
    TooSlowError: lambda _: ApiError(
        422, "too_slow", "This list takes too long to load: use fewer or narrower filters."
    ),
}


def _failure(status: int) -> Callable[[HttpRequest, Any], HttpResponse]:
    """Logs the error and answers without its details."""
    if status == 503:
        message = "The database is not available. Nothing was acknowledged; send it again."
        answer = ApiError(503, "unavailable", message, headers={"Retry-After": "2"})
    else:
        answer = ApiError(500, "server_error", "The server failed; its log says why.")

    def handle(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("%s %s: %s", request.method, request.path, answer.code, exc_info=error)
        return answer.response()

    return handle
