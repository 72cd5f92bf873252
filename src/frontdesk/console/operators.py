"""The operator who is signed in."""

from typing import cast

from django.http import HttpRequest

from frontdesk.accounts.models import Operator
from frontdesk.audit import Actor


def current_operator(request: HttpRequest) -> Operator:
    """Who is signed in; only for views behind @login_required."""
    return cast(Operator, request.user)


def current_actor(request: HttpRequest) -> Actor:
    """The same as the one who acts."""
    return current_operator(request).actor
