"""The decorator that makes a function an operation of the API.

It does what all operations have in common: it finds agent, user and actor, reads the body, refuses
unknown parameters, and documents all of that.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar, Unpack

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router
from ninja.constants import NOT_SET
from pydantic.alias_generators import to_camel

from frontdesk.agents.models import Agent, ApiKey
from frontdesk.api import openapi
from frontdesk.api.auth import ApiKeyAuth
from frontdesk.api.finding import find_user, refuse_unknown
from frontdesk.api.openapi import Json
from frontdesk.audit import Actor
from frontdesk.core.http.json_body import read_json

Handler = TypeVar("Handler", bound=Callable[..., Any])

AGENT = "/agents/{agent_id}"
USER = AGENT + "/users/{path:user}"

BODIES: list[type[msgspec.Struct]] = []
"""The bodies of all operations, for the documentation."""


@dataclass(frozen=True)
class Call:
    """An authorized request."""

    request: HttpRequest
    key: ApiKey

    @property
    def agent(self) -> Agent:
        """The key's own agent, which is the one in the address."""
        return self.key.agent

    @property
    def actor(self) -> Actor:
        """The key, as the actor."""
        return Actor("key", str(self.key.id), f"API key {self.key.name}")


class _Documented(TypedDict, total=False):
    """Documentation that a handler's types do not contain."""

    parameters: Mapping[str, Json]
    """Query parameters that the handler reads itself."""
    example: Json
    """An example of the body."""
    response: Any
    """The answers' schemas; by default, the handler's return type."""
    responses: Mapping[int, Json]
    """Details about the answers beyond their schemas."""


class Operations:
    """Operations that require one scope and are documented under one tag.

    Operations of one address with different scopes share a router: django-ninja asks only the first
    router that knows the address.

    A handler `handler(call, …)` gets the `user` of the address and the `body` if it has arguments
    with these names; a `user: str` is as it stands in the address, because that user may not exist
    yet. django-ninja reads its other arguments. Its name in camel case is the operation's id, and
    its return type is the answer's schema.
    """

    def __init__(self, tag: str, scope: ApiKey.Scope, router: Router | None = None) -> None:
        self.router = router or Router(by_alias=True)
        self._tag, self._auth = tag, ApiKeyAuth(scope)

    def get(
        self, path: str, summary: str, **more: Unpack[_Documented]
    ) -> Callable[[Handler], Handler]:
        return self._operation("GET", path, summary, **more)

    def post(
        self, path: str, summary: str, **more: Unpack[_Documented]
    ) -> Callable[[Handler], Handler]:
        return self._operation("POST", path, summary, **more)

    def put(
        self, path: str, summary: str, **more: Unpack[_Documented]
    ) -> Callable[[Handler], Handler]:
        return self._operation("PUT", path, summary, **more)

    def delete(
        self, path: str, summary: str, **more: Unpack[_Documented]
    ) -> Callable[[Handler], Handler]:
        return self._operation("DELETE", path, summary, **more)

    def _operation(
        self, method: str, path: str, summary: str, **more: Unpack[_Documented]
    ) -> Callable[[Handler], Handler]:
        parameters = more.get("parameters", {})

        def decorate(handler: Handler) -> Handler:
            arguments = inspect.signature(handler).parameters
            body = arguments["body"].annotation if "body" in arguments else None
            queried = {*parameters, *(name for name in _own(arguments) if name not in path)}
            extra = _documentation(body, more.get("example"), parameters, queried)
            extra["responses"].update(more.get("responses", {}))
            self.router.api_operation(
                [method],
                path,
                tags=[self._tag],
                auth=self._auth,
                response=more.get("response") or _response_schema(handler),
                operation_id=to_camel(handler.__name__),
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
    """The function that django-ninja calls; its signature has the parameters of the address."""

    def view(request: HttpRequest, agent_id: str, user: str | None = None, **own: Any) -> Any:
        refuse_unknown(request.GET, queried)
        call = Call(request, request.auth)  # type: ignore[attr-defined]  # ApiKeyAuth set it
        if body is not None:
            own["body"] = read_json(request, body)
        if user is not None:
            own["user"] = user if may_be_new else find_user(call.agent, user)
        return handler(call, **own)

    arguments = inspect.signature(handler).parameters
    may_be_new = "user" in arguments and arguments["user"].annotation is str
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


def _response_schema(handler: Callable[..., Any]) -> Any:
    """The schema that the handler returns; NOT_SET if it returns a whole response."""
    returned = inspect.signature(handler).return_annotation
    return NOT_SET if issubclass(returned, HttpResponseBase) else returned


def _documentation(
    body: type[msgspec.Struct] | None,
    example: Json | None,
    parameters: Mapping[str, Json],
    queried: Collection[str],
) -> dict[str, Any]:
    """The parts of the documentation that the handler's types do not contain."""
    if body is not None:
        return {
            "requestBody": openapi.request_body(body, example),
            "responses": openapi.error_answers(openapi.BODY_ERRORS),
        }
    errors = openapi.PARAMETER_ERRORS if queried else openapi.NO_PARAMETERS
    listed = [{"in": "query", "name": name, **each} for name, each in parameters.items()]
    extra: dict[str, Any] = {"responses": openapi.error_answers(errors)}
    return {"parameters": listed, **extra} if listed else extra
