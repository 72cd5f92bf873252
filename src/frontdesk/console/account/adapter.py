"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Operators come by `frontdesk createowner` or the one-time link, never by a public form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
