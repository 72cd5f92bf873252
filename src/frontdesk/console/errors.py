"""Error pages in the console's look."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

PLAIN_PAGE = "<!doctype html><title>Server error</title><h1>Something went wrong on the server</h1>"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "console/errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "console/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Our own Http404s say what is missing. A URL that matches nothing raises one without a text.
    text = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    if text.endswith("matches the given query."):  # get_object_or_404's, with a class name
        text = ""
    return render(request, "console/errors/404.html", {"text": text}, status=404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return render(request, "console/errors/429.html", status=429)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The setting CSRF_FAILURE_VIEW names this view."""
    return render(request, "console/errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: context processors would need the database and the session."""
    try:
        page: str = render_to_string("console/errors/500.html")
    except Exception:  # the cause may break this page as well
        page = PLAIN_PAGE
    return HttpResponseServerError(page)
