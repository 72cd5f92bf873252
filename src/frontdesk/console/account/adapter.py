"""Settings of allauth that are code."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """`frontdesk createowner` and the one-time link create operators. There is no public form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
