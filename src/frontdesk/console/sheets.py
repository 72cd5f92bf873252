"""Sheets: small forms in a dialog over their page, or separate pages without JavaScript.

A link made by `{% sheet url %}` opens its page's form in the dialog of base.html. The view calls
`serve_sheet` with the function to run when the form is sent. That function ends with `close_sheet`
(the dialog closes, and the page beneath is updated in place), `go_to` or `show_result`.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontdesk.console.forms import action_errors, status_of

DONE = "sheet-done"
"""The event on which console.js closes the dialog and reloads the page beneath."""

SHEET_PAGE = "console/sheet_page.html"
"""The base template of a sheet as a separate page, without JavaScript or in another tab."""

STALE = "sheet-stale"
"""The event on which console.js reloads the page beneath while the dialog stays open."""


def serve_sheet(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    act: Callable[[], HttpResponse],
    form: BaseForm | None = None,
) -> HttpResponse:
    """GET shows the sheet. POST validates its form, if it has one, and answers with `act()`.

    An ActionError that `act` raises is shown in the form.
    """
    if form is None:
        return act() if request.method == "POST" else show_sheet(request, template, context)
    if form.is_valid():
        with action_errors(form):
            return act()
    return show_sheet(request, template, {**context, "form": form}, status_of(form))


def is_sheet(request: HttpRequest) -> bool:
    """Whether the response goes into the dialog."""
    return request.headers.get("HX-Target", "").endswith("#sheet-body")


def show_sheet(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The form, in the dialog or as a page of the agent in `context`.

    Its template starts with `{% extends sheet_base %}` and fills the blocks `sheet_title` and
    `sheet_body`.
    """
    base = "console/sheet_fragment.html" if is_sheet(request) else SHEET_PAGE
    response = render(request, template, {**context, "sheet_base": base}, status=status)
    response.headers["Vary"] = "HX-Target, Cookie"
    return response


def show_result(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Keep the dialog open to show a result, such as a secret, and reload the page beneath."""
    response = show_sheet(request, template, context)
    response.headers["HX-Trigger"] = STALE
    return response


def close_sheet(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """Show `text` on the page beneath the dialog or, without a dialog, on the page at `url`."""
    messages.success(request, text)
    if is_sheet(request):
        return HttpResponse(status=204, headers={"HX-Trigger": DONE})
    return redirect(url)


def go_to(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """Leave the page beneath the dialog for the one at `url`, and show `text` there."""
    messages.success(request, text)
    if is_sheet(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
