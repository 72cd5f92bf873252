"""The whole API: its operations, errors and documentation."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import BaseRenderer

from frontdesk.api import (
    checking,
    erasing,
    exporting,
    managing,
    openapi,
    operations,
    reading,
    reporting,
    users,
)
from frontdesk.api.auth import recording_use
from frontdesk.api.errors import add_handlers
from frontdesk.ledger.events import Event


class _Renderer(BaseRenderer):
    """Keeps the microseconds of times, which Django's JSON drops."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


class _Docs(DocsBase):
    """Swagger UI from our own server, without inline scripts, which the security policy forbids."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        return render(request, "api/docs.html", {"openapi_url": self.get_openapi_url(api, kwargs)})


class _Api(NinjaAPI):
    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**kwargs)
        openapi.complete(document, [Event, reporting.Report, *operations.BODIES])
        return document


api = _Api(
    title="Frontdesk API",
    version="1",
    description=openapi.DESCRIPTION,
    urls_namespace="api",
    docs=_Docs(),
    renderer=_Renderer(),
)
api.add_decorator(recording_use, mode="view")
api.add_router("/v1", reporting.router)
api.add_router("/v1", checking.operations.router)
# An external id may contain slashes, so the longer addresses (…/users/{user}/block) come first.
api.add_router("/v1", managing.operations.router)
api.add_router("/v1", erasing.operations.router)
api.add_router("/v1", exporting.operations.router)
api.add_router("/v1", reading.operations.router)
api.add_router("/v1", users.reading.router)
add_handlers(api)
