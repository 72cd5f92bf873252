"""Errors of the API: every one has the same JSON shape."""

import logging

import msgspec
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser
from frontdesk.people.act_checks import ActError
from frontdesk.people.table.query import TooSlowError

logger = logging.getLogger(__name__)


class ApiError(Exception):
    """What the caller is told instead of a result.

    `code` is for programs and stays the same for ever, `message` is for people, `where` names the
    parameter or the place in the body that is meant.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        where: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.where = where
        self.headers = headers or {}

    def response(self) -> HttpResponse:
        body = {"error": {"code": self.code, "message": self.message, "where": self.where}}
        return HttpResponse(
            msgspec.json.encode(body),
            status=self.status,
            content_type="application/json",
            headers=self.headers,
        )


def invalid_parameter(name: str, message: str) -> ApiError:
    return ApiError(422, "invalid_parameter", f"{name}: {message}", name)


def invalid_field(name: str, message: str) -> ApiError:
    return ApiError(422, "invalid_field", f"{name}: {message}", name)


def not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    message = f"{request.method} is not possible here; {allow} is."
    return ApiError(405, "method_not_allowed", message, headers={"Allow": allow}).response()


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

    @api.exception_handler(ActError)
    def not_so(request: HttpRequest, error: ActError) -> HttpResponse:
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
