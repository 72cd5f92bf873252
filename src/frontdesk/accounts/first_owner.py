"""The one-time link by which a new installation gets its first owner."""

from django.core import signing
from django.db import transaction

from frontdesk.accounts.models import Operator
from frontdesk.core.sql.dialect import dialect

VALID_SECONDS = 24 * 3600
_SALT = "frontdesk.accounts.first_owner"


class OwnerExistsError(Exception):
    """The installation already has an operator, so the link is no longer valid."""


def make_token() -> str | None:
    """A token to create the first owner, once, within 24 hours. None if there is an operator."""
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
    """Create the first owner. Raises OwnerExistsError if another request was faster."""
    with transaction.atomic():
        dialect().lock_table(Operator._meta.db_table)  # or two requests would find no owner
        if Operator.objects.exists():
            raise OwnerExistsError
        return Operator.objects.create_superuser(username, email, password)
