"""Every time on a page is shown in the time zone of the signed-in operator."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from frontdesk.accounts.models import Operator


class OperatorZoneMiddleware:
    """Activates the signed-in operator's time zone for one request.

    The active zone belongs to the thread. It is restored afterwards, so that the next request on
    this thread does not inherit it. A request without a session costs no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        operator = request.user
        if not isinstance(operator, Operator):
            return self.get_response(request)
        with timezone.override(operator.zone):
            return self.get_response(request)
