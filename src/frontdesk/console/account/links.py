"""Links that are made outside a page: printed by a command, or sent."""

from django.urls import reverse

from frontdesk.accounts import first_owner


def first_owner_link(base_url: str) -> str | None:
    """The address at which the first owner is made, or None when there is an operator already.

    `base_url` is how people reach this server, such as "http://127.0.0.1:8000".
    """
    token = first_owner.make_token()
    if token is None:
        return None
    return base_url.rstrip("/") + reverse("accounts:first-owner", args=[token])
