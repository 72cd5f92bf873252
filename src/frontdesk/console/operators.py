"""The operator who is signed in."""

from typing import cast

from django.http import HttpRequest

from frontdesk.accounts.models import Operator
from frontdesk.audit import Actor


def current_operator(request: HttpRequest) -> Operator:
    """The signed-in operator. Only for views behind @login_required."""
    return cast(Operator, request.user)


def current_actor(request: HttpRequest) -> Actor:
    """The signed-in operator as the actor of an action."""
    return current_operator(request).actor
