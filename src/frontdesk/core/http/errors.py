"""The errors of JSON endpoints, which all have the same shape."""

import msgspec
from django.http import HttpRequest, HttpResponse


class ApiError(Exception):
    """An error response.

    `code` is for programs and never changes, `message` is for people, `where` names the parameter
    or the position in the body.
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
    message = f"{request.method} is not allowed here; use {allow}."
    return ApiError(405, "method_not_allowed", message, headers={"Allow": allow}).response()
