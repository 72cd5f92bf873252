"""Links that commands print."""

from django.urls import reverse

from frontdesk.accounts import first_owner


def first_owner_link(base_url: str) -> str | None:
    """The address that creates the first owner, or None if there is an operator already.

    `base_url` is the address of this server, such as "http://127.0.0.1:8000".
    """
    token = first_owner.make_token()
    if token is None:
        return None
    return base_url.rstrip("/") + reverse("accounts:first-owner", args=[token])
