"""All addresses below /api/. Unknown addresses and wrong methods are also answered in JSON."""

import functools
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from frontdesk.api.errors import no_such_address
from frontdesk.api.v1 import api
from frontdesk.core.http.errors import not_allowed

View = Callable[..., HttpResponseBase]


def _with_json_405(pattern: URLPattern) -> URLPattern:
    """django-ninja answers a wrong method in plain text."""
    view: View = pattern.callback

    @functools.wraps(view)  # keeps csrf_exempt
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            return not_allowed(request, response.headers["Allow"])
        return response

    return URLPattern(pattern.pattern, checked, pattern.default_args, pattern.name)


_patterns, _app, _namespace = api.urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="api:openapi-view")),
    path(
        "",
        include(
            ([_with_json_405(p) for p in _patterns if isinstance(p, URLPattern)], _app),
            namespace=_namespace,
        ),
    ),
    re_path("", no_such_address),
]
