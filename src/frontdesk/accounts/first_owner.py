"""The one-time link that creates the first owner of a new installation."""

from django.core import signing
from django.db import transaction

from frontdesk.accounts.models import Operator
from frontdesk.core.sql.dialect import dialect

VALID_SECONDS = 24 * 3600
_SALT = "frontdesk.accounts.first_owner"


class OwnerExistsError(Exception):
    """The installation already has an operator, so the link is no longer valid."""


def make_token() -> str | None:
    """A one-time token, valid for 24 hours, to create the first owner. None if one exists."""
    if Operator.objects.exists():
        return None
    return signing.dumps("first owner", salt=_SALT)


def is_valid(token: str) -> bool:
    """Whether the token is genuine, less than 24 hours old, and there is no operator yet."""
    try:
        signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        return False
    return not Operator.objects.exists()


def create(username: str, email: str, password: str) -> Operator:
    """Create the first owner. Raises OwnerExistsError if another request did so first."""
    with transaction.atomic():
        dialect().lock_table(Operator._meta.db_table)  # otherwise two requests could both find none
        if Operator.objects.exists():
            raise OwnerExistsError
        return Operator.objects.create_superuser(username, email, password)
