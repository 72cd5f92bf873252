"""Sheets: small forms over the page they belong to, and pages of their own without JavaScript.

A link made by `{% sheet url %}` opens its page's form in the dialog of base.html. The view answers
with `show_sheet` (also with 422 and the form's errors) and, when the thing is done, with
`close_sheet`: the dialog closes, and the page beneath is brought up to date in place.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

DONE = "sheet-done"
"""The event on which console.js closes the dialog and reloads what is beneath."""

SHEET_PAGE = "console/sheet_page.html"
"""What a sheet extends that is a page of its own: opened without script, or in another tab."""

STALE = "sheet-stale"
"""The event on which it reloads what is beneath, while the dialog still has something to show."""


def is_sheet(request: HttpRequest) -> bool:
    """Whether the answer goes into the dialog."""
    return request.headers.get("HX-Target", "").endswith("#sheet-body")


def show_sheet(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The form, alone or as a page of the agent in `context`.

    Its template begins with `{% extends sheet_base %}` and fills the blocks `sheet_title` and
    `sheet_body`.
    """
    base = "console/sheet_fragment.html" if is_sheet(request) else SHEET_PAGE
    response = render(request, template, {**context, "sheet_base": base}, status=status)
    response.headers["Vary"] = "HX-Target, Cookie"
    return response


def close_sheet(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """Say what was done, on the page at `url` or on the one that lies beneath the dialog."""
    messages.success(request, text)
    if is_sheet(request):
        return HttpResponse(status=204, headers={"HX-Trigger": DONE})
    return redirect(url)


def go_to(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """Say what was done on another page than the one beneath the dialog."""
    messages.success(request, text)
    if is_sheet(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
