"""Settings of allauth that are code."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """No public sign-up: `frontdesk createowner` or the one-time link creates operators."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
