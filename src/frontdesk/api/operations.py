"""One decorator for the operations of the API.

It does what all of them have in common: which agent and user the address names, who acts, the body,
the parameters that do not exist, and the documentation of all that.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router
from ninja.constants import NOT_SET

from frontdesk.agents.models import Agent, ApiKey
from frontdesk.api import openapi
from frontdesk.api.finding import find_user, refuse_unknown
from frontdesk.api.openapi import Json
from frontdesk.audit import Actor
from frontdesk.core.http.json_body import read_json

Handler = TypeVar("Handler", bound=Callable[..., Any])

AGENT = "/agents/{agent_id}"
USER = AGENT + "/users/{path:user}"

BODIES: list[type[msgspec.Struct]] = []
"""What operations take as their bodies, for the documentation."""


@dataclass(frozen=True)
class Call:
    """An authorized request."""

    request: HttpRequest
    key: ApiKey

    @property
    def agent(self) -> Agent:
        """The key's own, which is the agent of the address."""
        return self.key.agent

    @property
    def actor(self) -> Actor:
        """The key, as the one who acts."""
        return Actor("key", str(self.key.id), f"API key {self.key.name}")


def operation(
    router: Router,
    method: str,
    path: str,
    operation_id: str,
    summary: str,
    *,
    parameters: Mapping[str, Json] | None = None,
    example: Json | None = None,
    response: Any = None,
    responses: Mapping[int, Json] | None = None,
) -> Callable[[Handler], Handler]:
    """Make `handler(call, user, body, …)` an operation.

    It gets the `user` of the address and the `body`, if it has arguments of these names; further
    arguments are django-ninja's. `parameters` are those that it reads from the query string itself,
    `example` is a body, `responses` are answers that types do not describe. The answer's schema is
    what the handler returns, unless `response` names another.
    """

    def decorate(handler: Handler) -> Handler:
        arguments = inspect.signature(handler).parameters
        body = arguments["body"].annotation if "body" in arguments else None
        queried = {*(parameters or ()), *(name for name in _own(arguments) if name not in path)}
        extra = _documentation(body, example, parameters or {}, queried)
        extra["responses"].update(responses or {})
        router.api_operation(
            [method],
            path,
            response=response or _answered(handler),
            operation_id=operation_id,
            summary=summary,
            openapi_extra=extra,
        )(_view(handler, body, queried))
        if body is not None:
            BODIES.append(body)
        return handler

    return decorate


def _view(
    handler: Callable[..., Any], body: type[msgspec.Struct] | None, queried: Collection[str]
) -> Callable[..., Any]:
    """The function that django-ninja calls; its signature says what to read from the address."""

    def view(request: HttpRequest, agent_id: str, user: str | None = None, **own: Any) -> Any:
        refuse_unknown(request.GET, queried)
        call = Call(request, request.auth)  # type: ignore[attr-defined]  # ApiKeyAuth let it in
        if body is not None:
            own["body"] = read_json(request, body)
        if user is not None:
            own["user"] = find_user(call.agent, user)
        return handler(call, **own)

    arguments = inspect.signature(handler).parameters
    named = ["agent_id", "user"] if "user" in arguments else ["agent_id"]
    kind = inspect.Parameter.KEYWORD_ONLY
    view.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind),
            *(inspect.Parameter(name, kind, annotation=str) for name in named),
            *(argument.replace(kind=kind) for argument in _own(arguments).values()),
        ]
    )
    view.__doc__, view.__name__ = handler.__doc__, handler.__name__
    return view


def _own(arguments: Mapping[str, inspect.Parameter]) -> dict[str, inspect.Parameter]:
    """The arguments that django-ninja reads."""
    return {name: each for name, each in arguments.items() if name not in ("call", "user", "body")}


def _answered(handler: Callable[..., Any]) -> Any:
    """The schema that the handler returns; not set when it makes the whole response."""
    returned = inspect.signature(handler).return_annotation
    return NOT_SET if issubclass(returned, HttpResponseBase) else returned


def _documentation(
    body: type[msgspec.Struct] | None,
    example: Json | None,
    parameters: Mapping[str, Json],
    queried: Collection[str],
) -> dict[str, Any]:
    """What the types of the handler do not say."""
    if body is not None:
        return {
            "requestBody": openapi.request_body(body, example),
            "responses": openapi.error_answers(openapi.BODY_ERRORS),
        }
    errors = openapi.PARAMETER_ERRORS if queried else openapi.NO_PARAMETERS
    listed = [{"in": "query", "name": name, **each} for name, each in parameters.items()]
    extra: dict[str, Any] = {"responses": openapi.error_answers(errors)}
    return {"parameters": listed, **extra} if listed else extra
