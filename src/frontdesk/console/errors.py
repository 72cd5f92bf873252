"""Error pages in the console's look."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

NO_PAGE = "<!doctype html><title>Server error</title><h1>Something broke on the server</h1>"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "console/errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "console/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Http404's own text says what is missing; a URL that matches nothing has none worth showing.
    text = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    if text.endswith("matches the given query."):  # get_object_or_404's: the name of a class
        text = ""
    return render(request, "console/errors/404.html", {"text": text}, status=404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return render(request, "console/errors/429.html", status=429)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Named by CSRF_FAILURE_VIEW."""
    return render(request, "console/errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs neither the database nor the session: no request, so no context processors."""
    try:
        page: str = render_to_string("console/errors/500.html")
    except Exception:  # whatever broke may break this page as well; never answer nothing
        page = NO_PAGE
    return HttpResponseServerError(page)
