"""Errors of the API: every one has the same JSON shape."""

import logging

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from frontdesk.agents.models import Agent
from frontdesk.core.http.errors import ApiError, invalid_field, invalid_parameter
from frontdesk.core.sql.budget import TooSlowError
from frontdesk.ledger.models import EndUser
from frontdesk.people.validation import ActionError

logger = logging.getLogger(__name__)


@csrf_exempt
def no_such_address(request: HttpRequest) -> HttpResponse:
    """Answers every address below the API's that is none."""
    message = "There is nothing at this address; /api/docs lists those that exist."
    return ApiError(404, "not_found", message, where=request.path[:200]).response()


def add_handlers(api: NinjaAPI) -> None:
    """Give every exception that can leave a view its answer."""

    @api.exception_handler(ApiError)
    def told(request: HttpRequest, error: ApiError) -> HttpResponse:
        return error.response()

    @api.exception_handler(AuthenticationError)
    def no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return no_access("Send an API key: “Authorization: Bearer fd_…”.").response()

    @api.exception_handler(Http404)
    @api.exception_handler(Agent.DoesNotExist)  # deleted while its events were on the way
    @api.exception_handler(EndUser.DoesNotExist)  # erased meanwhile
    def missing(request: HttpRequest, error: Exception) -> HttpResponse:
        return ApiError(404, "not_found", "This does not exist, or no longer.").response()

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0]
        return invalid_parameter(str(first["loc"][-1]), first["msg"]).response()

    @api.exception_handler(ActionError)
    def not_so(request: HttpRequest, error: ActionError) -> HttpResponse:
        return invalid_field(error.field, error.message).response()

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        return ApiError(error.status_code, "refused", error.message).response()

    @api.exception_handler(TooSlowError)
    def too_slow(request: HttpRequest, error: TooSlowError) -> HttpResponse:
        message = "This list takes too long to find: use fewer or narrower filters."
        return ApiError(422, "too_slow", message).response()

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("%s %s: the database failed", request.method, request.path, exc_info=error)
        message = "The database does not answer now. Nothing was acknowledged; send it again."
        return ApiError(503, "unavailable", message, headers={"Retry-After": "2"}).response()

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        message = "Something broke on the server; its log says what."
        return ApiError(500, "server_error", message).response()


def no_access(message: str) -> ApiError:
    challenge = {"WWW-Authenticate": 'Bearer realm="Frontdesk"'}
    return ApiError(401, "unauthorized", message, "Authorization", challenge)
