"""Helpers for views that handle a form."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.http import HttpRequest, QueryDict

from frontdesk.people.validation import ActionError


def posted(request: HttpRequest) -> QueryDict | None:
    """The data to bind a form to. A POST without any fields binds the form too."""
    return request.POST if request.method == "POST" else None


def status_of(form: forms.BaseForm) -> int:
    """The status of a response that shows the form: 422 if it was sent and has errors."""
    return 422 if form.is_bound else 200


@contextmanager
def action_errors(form: forms.BaseForm) -> Iterator[None]:
    """Turns an ActionError into an error of the form, at its field or above all fields."""
    try:
        yield
    except ActionError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
